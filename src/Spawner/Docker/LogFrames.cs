using System.Buffers.Binary;

namespace Spawner.Docker;

/// <summary>
/// The engine's log stream (Engine API, "Attach to a container: stream format"): per write
/// <c>[stream: 1 byte][0 0 0][length: 4 bytes, big endian][payload]</c>. Only the end is kept, so a long log costs no memory.
/// </summary>
internal static class LogFrames
{
    private const int HeaderBytes = 8;

    /// <exception cref="IOException">The stream broke.</exception>
    public static async Task<string> ReadTailAsync(Stream stream, int maxBytes, CancellationToken cancellationToken)
    {
        byte[] header = new byte[HeaderBytes];
        byte[] piece = new byte[16 * 1024];
        // One byte more than asked for tells whether something was cut off.
        List<byte> tail = new(maxBytes + piece.Length);
        while (await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken) == HeaderBytes)
        {
            long left = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4));
            while (left > 0)
            {
                int read = await stream.ReadAsync(piece.AsMemory(0, (int)Math.Min(left, piece.Length)), cancellationToken);
                if (read == 0) return LogTail.Text([.. tail], maxBytes);
                left -= read;
                tail.AddRange(piece.AsSpan(0, read));
                if (tail.Count > maxBytes + piece.Length) tail.RemoveRange(0, tail.Count - maxBytes - 1);
            }
        }
        return LogTail.Text([.. tail], maxBytes);
    }
}
