using System.Buffers.Binary;
using Wire.Jupyter;
using Xunit;
using static Wire.Tests.Jupyter.Messages;

namespace Wire.Tests.Jupyter;

public sealed class WebSocketV1CodecTests
{
    private const int Word = 8;

    [Fact]
    public void A_frame_is_laid_out_as_the_protocol_draws_it()
    {
        var frame = WebSocketV1Codec.Encode(Make(KernelChannel.IOPub, buffers: [[1, 2, 3], []]));
        var words = Enumerable.Range(0, 9).Select(i => (int)BinaryPrimitives.ReadUInt64LittleEndian(frame.AsSpan(Word * i))).ToArray();
        Assert.Equal(8, words[0]);
        Assert.Equal(Word * 9, words[1]);
        Assert.Equal("iopub", Text(frame.AsMemory()[words[1]..words[2]]));
        Assert.Equal(Header, Text(frame.AsMemory()[words[2]..words[3]]));
        Assert.Equal(frame.Length - 3, words[6]);
        Assert.Equal(frame.Length, words[7]);
        Assert.Equal(frame.Length, words[8]);
    }

    [Fact]
    public void A_frame_read_back_is_the_same_message_in_slices_of_the_frame()
    {
        var message = Make(KernelChannel.Control, parent: Header, metadata: """{"a":[]}""", content: "[]", buffers: [[], [1], [], [2, 3]]);
        var frame = WebSocketV1Codec.Encode(message);
        Assert.Equal(frame.Length, WebSocketV1Codec.Measure(message));
        var read = WebSocketV1Codec.Decode(frame);
        Assert.True(Same(message, read));
        Assert.True(read.Buffers[3].Equals(frame.AsMemory(frame.Length - 2)));
    }

    [Fact]
    public void A_pooled_buffer_that_is_too_large_is_filled_from_its_start()
    {
        var message = Make(buffers: [[1]]);
        var pooled = new byte[10_000];
        var length = WebSocketV1Codec.Encode(message, pooled);
        Assert.Equal(WebSocketV1Codec.Encode(message), pooled[..length]);
    }

    public static TheoryData<string, int, ulong> OffsetAttacks => new()
    {
        { "offset count is 0", 0, 0 },
        { "offset count is 5", 0, 5 },
        { "MaxBuffers", 0, ulong.MaxValue },
        { "MaxBuffers", 0, 1UL << 61 },
        { "do not fit", 0, 4000 },
        { "offset 1", 1, 0 },
        { "offset 1", 1, Word * 7 - 1 },
        { "offset 1", 1, Word * 7 + 1 },
        { "offset 1", 1, ulong.MaxValue },
        { "offset 2", 2, Word * 7 - 1 },
        { "offset 3", 3, 0 },
        { "offset 4", 4, 1UL << 63 },
        { "offset 4", 4, (1UL << 32) + 100 },
        { "offset 6", 6, ulong.MaxValue },
        { "last offset", 6, 320 },
    };

    [Theory, MemberData(nameof(OffsetAttacks))]
    public void An_offset_that_lies_is_refused_by_name(string named, int word, ulong value)
    {
        var frame = WebSocketV1Codec.Encode(Make(parent: Header));
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(Word * word), value);
        Assert.Contains(named, Refusal(frame), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused_and_so_is_a_tail()
    {
        var frame = WebSocketV1Codec.Encode(Make(buffers: [[1, 2, 3]]));
        for (var length = 0; length < frame.Length; length++)
            Refusal(frame[..length]);
        Refusal([.. frame, 0]);
    }

    [Fact]
    public void A_channel_nobody_knows_is_refused()
    {
        var frame = WebSocketV1Codec.Encode(Make(KernelChannel.Shell));
        frame[Word * 7] = (byte)'S';
        Assert.Contains("channel", Refusal(frame), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"msg_id":"m"}""", "{}", "{}", "{}", "header has no msg_type")]
    [InlineData("""{"msg_type":"t"}""", "{}", "{}", "{}", "header has no msg_id")]
    [InlineData("""{"msg_id":"m","msg_type":7}""", "{}", "{}", "{}", "header.msg_type")]
    [InlineData(Header, """{"session":1}""", "{}", "{}", "parent_header.session")]
    [InlineData(Header, "", "{}", "{}", "parent_header")]
    [InlineData(Header, "{}", "x", "{}", "metadata")]
    [InlineData(Header, "{}", "{}", "{} {}", "content")]
    [InlineData(Header, "{}", "{}", "3", "content is not an object")]
    public void A_part_that_is_wrong_is_named(string header, string parent, string metadata, string content, string named) =>
        Assert.Contains(named, Refusal(WebSocketV1Codec.Encode(Make(header: header, parent: parent, metadata: metadata, content: content))), StringComparison.Ordinal);

    [Fact]
    public void Limits_stand_in_the_error()
    {
        var frame = WebSocketV1Codec.Encode(Make(content: """{"a":[[[[1]]]]}""", buffers: [[1], [2], [3]]));
        Assert.Contains("MaxMessageBytes (50)", Refusal(frame, new MessageLimits { MaxMessageBytes = 50 }), StringComparison.Ordinal);
        Assert.Contains("MaxBuffers (2)", Refusal(frame, new MessageLimits { MaxBuffers = 2 }), StringComparison.Ordinal);
        Assert.Contains("MaxJsonDepth (4)", Refusal(frame, new MessageLimits { MaxJsonDepth = 4 }), StringComparison.Ordinal);
        Assert.Contains("MaxHeaderBytes (20)", Refusal(frame, new MessageLimits { MaxHeaderBytes = 20 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Content_nested_a_million_deep_is_refused_and_not_followed()
    {
        var content = new string('[', 1_000_000) + new string(']', 1_000_000);
        Assert.Contains("MaxJsonDepth", Refusal(WebSocketV1Codec.Encode(Make(content: content))), StringComparison.Ordinal);
    }

    private static string Refusal(byte[] frame, MessageLimits? limits = null) =>
        Assert.Throws<MessageFormatException>(() => WebSocketV1Codec.Decode(frame, limits)).Message;
}
