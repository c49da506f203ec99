using System.Buffers;
using Hub.Journal.Recording;
using Testing;
using Xunit;

namespace Hub.Tests.Journal.Recording;

/// <summary>The protocol of the recorder's socket.</summary>
public sealed class RecorderFrameCodecTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        ArrayBufferWriter<byte> to = new();
        RecorderFrameCodec.WriteTexts(to, RecorderVerb.Watch, "kernel", "ipc:///tmp/é");
        Assert.Equal(to.WrittenCount - RecorderFrameCodec.Prefix, RecorderFrameCodec.ReadPrefix(to.WrittenSpan, 100, out RecorderVerb verb));
        Assert.Equal(RecorderVerb.Watch, verb);
        Assert.Equal(["kernel", "ipc:///tmp/é"], RecorderFrameCodec.ReadTexts(to.WrittenSpan[RecorderFrameCodec.Prefix..], 2)!);

        to.Clear();
        RecorderFrameCodec.WriteMessage(to, [new byte[] { 1, 2 }, default, new byte[] { 3 }]);
        Assert.Equal([[1, 2], [], [3]], RecorderFrameCodec.ReadMessage(to.WrittenMemory[RecorderFrameCodec.Prefix..])!.Select(frame => frame.ToArray()));

        to.Clear();
        RecorderFrameCodec.WriteNumber(to, RecorderVerb.FeedDropped, 0x1_0203_0405, 8);
        Assert.Equal(0x1_0203_0405ul, RecorderFrameCodec.ReadNumber(to.WrittenSpan[RecorderFrameCodec.Prefix..], 8));
    }

    [Fact]
    public void Lengths_beyond_the_limit_and_unknown_verbs_are_refused()
    {
        Assert.Equal(-1, RecorderFrameCodec.ReadPrefix([0, 0, 0, 0, 1], 100, out _));
        Assert.Equal(-1, RecorderFrameCodec.ReadPrefix([102, 0, 0, 0, 1], 100, out _));
        Assert.Equal(100, RecorderFrameCodec.ReadPrefix([101, 0, 0, 0, 1], 100, out _));
        Assert.Equal(-1, RecorderFrameCodec.ReadPrefix([5, 0, 0, 0, 99], 100, out _));
        Assert.Equal(-1, RecorderFrameCodec.ReadPrefix([255, 255, 255, 255, 1], int.MaxValue, out _));
    }

    [Fact]
    public void Random_bodies_never_break() => Fuzz.Run(3_000, random =>
    {
        byte[] body = Fuzz.Mutate(random, [2, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3, 1, 0, 0, 0, 9]);
        RecorderFrameCodec.ReadMessage(body);
        RecorderFrameCodec.ReadTexts(body, random.Next(3));
    });
}
