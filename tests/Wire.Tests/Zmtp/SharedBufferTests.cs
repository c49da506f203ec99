using Testing;
using Wire.Zmtp;
using Xunit;

namespace Wire.Tests.Zmtp;

/// <summary>Short messages of a flood lie in the buffer they were received in; what was handed over stays as it is until it is released.</summary>
public sealed class SharedBufferTests
{
    [Fact]
    public void Messages_kept_stay_as_they_were_whatever_is_received_and_released_around_them() => Fuzz.Run(150, random =>
    {
        byte[][][] sent = [.. Enumerable.Range(0, 400).Select(_ => Message(random))];
        byte[] bytes = [.. sent.SelectMany(frames => ZmtpFrameWriter.Message([.. frames.Select(frame => (ReadOnlyMemory<byte>)frame)]))];
        List<(int Number, ZmtpMessage Message)> kept = [];
        using ZmtpFrameReader reader = new(ZmtpOptions.Default, 0);
        int found = 0;
        for (int at = 0; at < bytes.Length;)
        {
            Memory<byte> into = reader.GetBuffer();
            Assert.False(into.IsEmpty);
            int count = Math.Min(Math.Min(into.Length, random.Next(1, 60_000)), bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(into.Span);
            at += count;
            reader.Advance(count);
            while (reader.Read(out ZmtpMessage message) == ZmtpRead.Message)
            {
                Check(sent[found], message);
                kept.Add((found++, message));
            }

            while (kept.Count > 0 && random.Next(3) > 0)
            {
                int one = random.Next(kept.Count);
                Check(sent[kept[one].Number], kept[one].Message);
                kept[one].Message.Release();
                kept.RemoveAt(one);
            }

            if (random.Next(4) == 0)
                reader.ReleaseIfEmpty();
        }

        Assert.Equal(sent.Length, found);
        foreach ((int number, ZmtpMessage message) in kept)
            Check(sent[number], message);
    });

    [Fact]
    public void A_lone_message_has_a_block_of_its_own_and_a_flood_has_none()
    {
        byte[] one = ZmtpFrameWriter.Message([new byte[50], new byte[200]]);
        Assert.Null(Assert.Single(Read(one)).Segment);
        ZmtpMessage[] flood = Read([.. Enumerable.Repeat(one, 100).SelectMany(bytes => bytes)]);
        Assert.Equal(100, flood.Length);
        Assert.Single(flood.Select(message => message.Segment).Distinct());
        Assert.NotNull(flood[0].Segment);
    }

    [Fact]
    public void A_message_that_shares_skips_and_slices_as_one_that_does_not()
    {
        byte[] one = ZmtpFrameWriter.Message(SocketPairs.Frames("first", "", "third"));
        ZmtpMessage message = Read([.. Enumerable.Repeat(one, 1000).SelectMany(bytes => bytes)])[500];
        Assert.NotNull(message.Segment);
        Assert.Equal(["", "third"], message.Skip(1).Texts());
        Assert.Equal("firstthird", message.Body.Text());
        Assert.Equal("third", message.Skip(1).Body.Text());
    }

    [Fact]
    public void A_buffer_whose_messages_are_all_released_is_used_again()
    {
        byte[] flood = [.. Enumerable.Repeat(ZmtpFrameWriter.Message([new byte[300]]), 150).SelectMany(bytes => bytes)];
        using ZmtpFrameReader reader = new(ZmtpOptions.Default, 0);
        HashSet<ZmtpSegment> used = new(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < 50; i++)
        {
            foreach (ZmtpMessage message in Read(flood, reader))
            {
                used.Add(message.Segment!);
                message.Release();
            }
        }

        Assert.Single(used);
    }

    private static ZmtpMessage[] Read(byte[] bytes)
    {
        using ZmtpFrameReader reader = new(ZmtpOptions.Default, 0);
        return Read(bytes, reader);
    }

    private static ZmtpMessage[] Read(byte[] bytes, ZmtpFrameReader reader)
    {
        List<ZmtpMessage> found = [];
        for (int at = 0; at < bytes.Length;)
        {
            Memory<byte> into = reader.GetBuffer();
            int count = Math.Min(into.Length, bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(into.Span);
            at += count;
            reader.Advance(count);
            while (reader.Read(out ZmtpMessage message) == ZmtpRead.Message)
                found.Add(message);
        }

        return [.. found];
    }

    private static byte[][] Message(Random random) =>
        [.. Enumerable.Range(0, random.Next(20) == 0 ? random.Next(1, 100) : random.Next(1, 9)).Select(_ => Fuzz.RandomBytes(random, random.Next(50) == 0 ? random.Next(150_000) : random.Next(300)))];

    private static void Check(byte[][] frames, ZmtpMessage message)
    {
        Assert.Equal(frames.Length, message.Count);
        for (int i = 0; i < frames.Length; i++)
            Assert.True(frames[i].AsSpan().SequenceEqual(message[i].Span));
    }
}
