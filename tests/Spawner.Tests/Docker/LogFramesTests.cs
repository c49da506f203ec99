using System.Buffers.Binary;
using System.Text;
using Spawner.Docker;
using Xunit;

namespace Spawner.Tests.Docker;

public sealed class LogFramesTests
{
    private static byte[] Frame(string text)
    {
        byte[] payload = Encoding.UTF8.GetBytes(text);
        byte[] frame = new byte[8 + payload.Length];
        frame[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)payload.Length);
        payload.CopyTo(frame, 8);
        return frame;
    }

    private static Task<string> Read(byte[] bytes, int maxBytes) => LogFrames.ReadTailAsync(new MemoryStream(bytes), maxBytes, CancellationToken.None);

    [Fact]
    public async Task Payloads_are_joined() => Assert.Equal("one\ntwo\n", await Read([.. Frame("one\n"), .. Frame("two\n")], 100));

    [Fact]
    public async Task The_end_is_kept_from_a_whole_line_on() => Assert.Equal("two\nthree\n", await Read([.. Frame("one one one\n"), .. Frame("two\n"), .. Frame("three\n")], 14));

    [Fact]
    public async Task A_character_is_not_torn()
    {
        string tail = await Read(Frame(new string('ä', 100)), 51);

        Assert.Equal(new string('ä', 25), tail);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(9)]
    public async Task A_torn_stream_gives_what_came(int bytes) => Assert.Equal(bytes > 8 ? "o" : "", await Read(Frame("one\n")[..bytes], 100));

    [Fact]
    public async Task A_frame_that_claims_four_gigabytes_costs_no_memory()
    {
        byte[] lie = [1, 0, 0, 0, 255, 255, 255, 255, (byte)'x'];

        Assert.Equal("x", await Read(lie, 100));
    }
}
