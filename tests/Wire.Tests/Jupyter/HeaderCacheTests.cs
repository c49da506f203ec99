using System.Text;
using Testing;
using Wire.Jupyter;
using Xunit;
using static Wire.Tests.Jupyter.Messages;

namespace Wire.Tests.Jupyter;

/// <summary>A header that is like the one before is not parsed, and nobody can tell.</summary>
public sealed class HeaderCacheTests
{
    [Fact]
    public void Headers_that_differ_in_id_and_date_share_their_shape()
    {
        var cache = new HeaderCache();
        var first = cache.Read(Utf8(Header), MessageLimits.Default);
        var second = cache.Read(Utf8(Header.Replace("m1", "m2", StringComparison.Ordinal).Replace("04:05", "04:06", StringComparison.Ordinal)), MessageLimits.Default);
        Assert.Same(first, second);
        Assert.NotSame(first, cache.Read(Utf8(Header.Replace("s1", "s2", StringComparison.Ordinal)), MessageLimits.Default));
        Assert.NotSame(first, cache.Read(Utf8(Header.Replace("m1", "m10", StringComparison.Ordinal)), MessageLimits.Default));
    }

    [Theory]
    [InlineData("m\\"), InlineData("m\""), InlineData("m\n"), InlineData("\u00fc")]
    public void A_value_that_needs_a_closer_look_gets_one(string value)
    {
        var cache = new HeaderCache();
        var known = cache.Read(Utf8(Header), MessageLimits.Default);
        var like = Encoding.UTF8.GetBytes(Header.Replace("m1", value, StringComparison.Ordinal));
        Assert.Equal(Encoding.UTF8.GetByteCount(Header), like.Length);
        try
        {
            Assert.NotSame(known, cache.Read(like, MessageLimits.Default));
        }
        catch (MessageFormatException)
        {
            // No JSON, as a parse says too.
            Assert.Throws<MessageFormatException>(() => MessageHeader.Parse(like));
        }
    }

    [Fact]
    public void Whatever_comes_after_whatever_it_reads_as_without_a_cache() => Fuzz.Run(3000, random =>
    {
        var cache = new HeaderCache();
        for (var i = 0; i < 6; i++)
        {
            var json = Encoding.UTF8.GetBytes(Header);
            if (random.Next(3) > 0)
            {
                var at = random.Next(json.Length);
                json[at] = random.Next(3) == 0 ? (byte)random.Next(256) : json[random.Next(json.Length)];
            }

            var expected = Read(() => MessageHeader.Parse(json));
            Assert.Equal(expected, Read(() => MessageHeader.Of(json, cache.Read(json, MessageLimits.Default))));
        }

        static string Read(Func<MessageHeader> read)
        {
            try
            {
                var header = read();
                return $"{header.MessageId}|{header.MessageType}|{header.Session}|{header.UserName}|{header.Date}|{header.Version}|{header.SubshellId}|{header.Problem}|{header.IsEmpty}|{Text(header.WithSession("other"))}";
            }
            catch (MessageFormatException)
            {
                return "refused";
            }
        }
    });

    [Fact]
    public void A_released_message_is_read_by_nobody_and_its_copies_still_are()
    {
        var frames = ZmqMessageCodec.Encode(Make(), new MessageSigner(""));
        Assert.True(ZmqMessageCodec.TryDecode(frames, KernelChannel.Shell, new MessageSigner(""), MessageLimits.Default, out var message, out _));
        var copy = message.WithSession("other");
        message.Release();
        message.Release();
        Assert.Throws<ObjectDisposedException>(() => message.Content);
        Assert.Equal("""{"code":"1+1"}""", Text(copy.Content));
        Assert.Equal(("other", "m1", "execute_request"), (copy.Session, copy.MessageId, copy.MessageType));
    }

    [Fact]
    public void A_shared_buffer_waits_for_the_copies_of_its_messages()
    {
        var segment = Wire.Zmtp.ZmtpSegment.Rent();
        segment.Lease();
        var frames = ZmqMessageCodec.Encode(Make(), new MessageSigner(""));
        var end = 0;
        foreach (var frame in frames)
        {
            frame.CopyTo(segment.Bytes.AsMemory(end));
            end += frame.Length;
        }

        for (var (i, sum) = (0, 0); i < frames.Length; i++)
            BitConverter.TryWriteBytes(segment.Bytes.AsSpan(end + (2 * i)), (ushort)(sum += frames[i].Length));
        var received = new Wire.Zmtp.ZmtpMessage(segment, 0, end, frames.Length, null);
        Assert.True(ZmqMessageCodec.TryDecode(received, KernelChannel.Shell, new MessageSigner(""), MessageLimits.Default, out var message, out _));
        var copy = message.WithSession("other");
        Assert.True(message.IsPooled);
        Assert.Equal("m1", System.Text.Encoding.UTF8.GetString(message.MessageIdJson));
        message.Hold();
        copy.Release();
        message.Release();
        Assert.False(segment.IsSole);
        Assert.Equal("""{"code":"1+1"}""", Text(message.Content));
        copy = message.WithSession("other");
        message.Release();
        Assert.Throws<ObjectDisposedException>(() => message.Content);
        Assert.False(segment.IsSole);
        Assert.Equal("""{"code":"1+1"}""", Text(copy.Content));
        copy.Release();
        Assert.True(segment.IsSole);
    }
}
