using FsCheck;
using FsCheck.Fluent;
using Wire.Zmtp;
using Xunit;

namespace Wire.Tests.Zmtp;

/// <summary>Any messages and commands, split anywhere, come out as they went in.</summary>
public sealed class FrameReaderProperties
{
    // Around every boundary: short and long sizes, direct receive, the buffer and twice the buffer.
    private static readonly int[] Sizes =
    [
        0, 1, 2, 9, 254, 255, 256, 300, 8191, 8192, 8193, 16_384, 40_000,
        ZmtpFrameReader.BufferBytes - 10, ZmtpFrameReader.BufferBytes - 9, ZmtpFrameReader.BufferBytes - 1, ZmtpFrameReader.BufferBytes, 150_000,
    ];

    private static Gen<byte[]> Frame => Gen.Frequency((6, Gen.Choose(0, 40)), (3, Gen.Choose(0, 2000)), (1, Gen.Elements(Sizes)))
        .SelectMany(size => Gen.Choose(0, 255).Select(fill => Fill(size, fill)));

    private static Gen<byte[][]> Message => Gen.Frequency((8, Gen.Choose(1, 8)), (1, Gen.Choose(1, 300))).SelectMany(Frame.ArrayOf);

    private static Gen<byte[]> Command => Gen.Choose(0, 300).Select(size => Fill(size, 7));

    /// <summary>A part is a message (many frames) or, with a null in front, a command.</summary>
    private static Gen<byte[]?[]> Part => Gen.Frequency(
        (4, Message.Select(frames => (byte[]?[])frames)),
        (1, Command.Select(data => new[] { null, data })));

    private static Gen<byte[]?[][]> Parts => Gen.Choose(0, 12).SelectMany(Part.ArrayOf);

    [Fact]
    public void Split_anywhere_the_frames_are_the_same() =>
        Prop.ForAll(Parts.ToArbitrary(), ArbMap.Default.ArbFor<int>(), (parts, seed) =>
        {
            (byte[] bytes, List<string> expected) = Write(parts);
            Random random = new(seed);
            int longest = random.Next(4) switch { 0 => 3, 1 => 100, 2 => 5000, _ => 200_000 };
            // Single bytes over much data would only take long.
            if (longest == 3 && bytes.Length > 50_000)
                longest = 5000;
            List<string> found = [];
            using ZmtpFrameReader reader = new(ZmtpOptions.Default, 0);
            FrameFeed.Read(reader, bytes, () => random.Next(1, longest), found);
            return found.SequenceEqual(expected) && reader.Offset == bytes.Length;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void A_command_between_any_two_frames_is_found_and_the_message_is_whole() =>
        Prop.ForAll(Message.ToArbitrary(), ArbMap.Default.ArbFor<int>(), (frames, seed) =>
        {
            Random random = new(seed);
            List<byte> bytes = [];
            int commands = 0;
            for (int i = 0; i < frames.Length; i++)
            {
                byte[] one = ZmtpFrameWriter.Message([(ReadOnlyMemory<byte>)frames[i]]);
                one[0] |= (byte)(i < frames.Length - 1 ? ZmtpFrameHeader.MoreFlag : 0);
                if (random.Next(3) == 0)
                {
                    bytes.AddRange(ZmtpFrameWriter.Command("X"u8, [1, 2]));
                    commands++;
                }

                bytes.AddRange(one);
            }

            List<string> found = [];
            using ZmtpFrameReader reader = new(ZmtpOptions.Default, 0);
            FrameFeed.Read(reader, bytes.ToArray(), () => random.Next(1, 30_000), found);
            return found.Count(part => part == "!01580102") == commands && found[^1] == FrameFeed.Describe(frames.Select(frame => (ReadOnlyMemory<byte>)frame));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static (byte[] Bytes, List<string> Expected) Write(byte[]?[][] parts)
    {
        List<byte> bytes = [];
        List<string> expected = [];
        foreach (byte[]?[] part in parts)
        {
            if (part[0] is null)
            {
                bytes.AddRange(ZmtpFrameWriter.Command("CMD"u8, part[1]));
                expected.Add($"!03434D44{Convert.ToHexString(part[1]!)}");
                continue;
            }

            ReadOnlyMemory<byte>[] frames = [.. part.Select(frame => (ReadOnlyMemory<byte>)frame)];
            bytes.AddRange(ZmtpFrameWriter.Message(frames));
            expected.Add(FrameFeed.Describe(frames));
        }

        return ([.. bytes], expected);
    }

    private static byte[] Fill(int size, int fill)
    {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++)
            bytes[i] = (byte)(fill + i);
        return bytes;
    }
}
