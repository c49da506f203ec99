using System.Buffers.Binary;
using Wire.Zmtp;

namespace Wire.Tests.Zmtp.Fuzzing;

/// <summary>Frames read in the plainest way, from all bytes at once: what <see cref="ZmtpFrameReader"/> is compared with.</summary>
internal static class NaiveFrames
{
    /// <returns>What was found, and whether the bytes then broke the rules.</returns>
    public static (List<string> Found, bool Refused) Read(byte[] bytes, ZmtpOptions options)
    {
        List<string> found = [];
        List<ReadOnlyMemory<byte>> frames = [];
        int at = 0;
        while (true)
        {
            int header = at < bytes.Length && (bytes[at] & 2) != 0 ? 9 : 2;
            if (at + header > bytes.Length)
                return (found, false);
            ulong size = header == 2 ? bytes[at + 1] : BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at + 1));
            bool more = (bytes[at] & 1) != 0;
            bool command = (bytes[at] & 4) != 0;
            bool refused = command
                ? more || size > (ulong)options.MaxCommandBytes
                : size > (ulong)options.MaxFrameBytes || (ulong)frames.Sum(frame => frame.Length) + size > (ulong)options.MaxMessageBytes || frames.Count == options.MaxFramesPerMessage;
            if (refused)
                return (found, true);
            if (at + header + (int)size > bytes.Length)
                return (found, false);
            ReadOnlyMemory<byte> body = bytes.AsMemory(at + header, (int)size);
            at += header + (int)size;
            if (command)
            {
                found.Add($"!{Convert.ToHexString(body.Span)}");
                continue;
            }

            frames.Add(body);
            if (more)
                continue;
            found.Add(FrameFeed.Describe(frames));
            frames.Clear();
        }
    }
}
