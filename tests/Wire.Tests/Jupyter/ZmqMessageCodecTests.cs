using System.Runtime.InteropServices;
using Wire.Jupyter;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Jupyter.Messages;

namespace Wire.Tests.Jupyter;

public sealed class ZmqMessageCodecTests : IDisposable
{
    private readonly MessageSigner _signer = new("key");

    public void Dispose() => _signer.Dispose();

    [Fact]
    public void The_frames_stand_in_the_order_of_the_spec()
    {
        var frames = ZmqMessageCodec.Encode(Make(buffers: [[7], []]), _signer, Utf8("topic"));
        Assert.Equal(9, frames.Length);
        Assert.Equal(["topic", "<IDS|MSG>"], frames.Take(2).Select(Text));
        Assert.Equal(64, frames[2].Length);
        Assert.Equal([Header, "{}", "{}", """{"code":"1+1"}"""], frames.Skip(3).Take(4).Select(Text));
        Assert.Equal([1, 0], frames.Skip(7).Select(frame => frame.Length));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(3)]
    public void Any_number_of_frames_before_the_delimiter_is_read_over(int identities)
    {
        var before = Enumerable.Range(0, identities).Select(i => Utf8($"id{i}")).ToArray();
        var message = Make(KernelChannel.IOPub, parent: Header, buffers: [[1, 2], [], [3]]);
        var read = Decode(ZmqMessageCodec.Encode(message, _signer, before), KernelChannel.IOPub);
        Assert.True(Same(message, read));
        Assert.Equal(("m1", "execute_request", "m1"), (read.MessageId, read.MessageType, read.ParentMessageId));
    }

    [Fact]
    public void Parts_are_slices_of_the_received_frames()
    {
        var frames = ZmtpMessage.Of(ZmqMessageCodec.Encode(Make(buffers: [[1]]), _signer));
        Assert.True(ZmqMessageCodec.TryDecode(frames, KernelChannel.Shell, _signer, MessageLimits.Default, out var read, out _));
        Assert.True(read.Header.Equals(frames[2]));
        Assert.True(read.Content.Equals(frames[5]));
        Assert.True(read.Buffers[0].Equals(frames[6]));
    }

    [Fact]
    public void Outputs_of_one_cell_share_what_was_read_of_their_parent_and_hold_no_other_message()
    {
        var parents = new ParentHeaderCache();
        var big = Read(Make(parent: Header, buffers: [new byte[100_000]]), parents);
        var next = Read(Make(parent: Header), parents);
        var other = Read(Make(parent: """{"msg_id":"m2"}"""), parents);
        Assert.Same(big.ParentFields, next.ParentFields);
        Assert.Equal(("m1", "m2"), (next.ParentMessageId, other.ParentMessageId));
        Assert.Equal(Header, Text(next.ParentHeader));
        Assert.True(MemoryMarshal.TryGetArray(next.ParentFields.Json, out var held));
        Assert.Equal(Header.Length, held.Array!.Length);
    }

    [Fact]
    public void A_delimiter_inside_a_part_is_only_text()
    {
        var message = Make(content: """{"code":"<IDS|MSG>"}""", buffers: [[.. ZmqMessageCodec.Delimiter]]);
        Assert.True(Same(message, Decode(ZmqMessageCodec.Encode(message, _signer), KernelChannel.Shell)));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Fewer_than_five_frames_after_the_delimiter_are_no_message(int kept)
    {
        var fault = Refusal([.. ZmqMessageCodec.Encode(Make(), _signer).Take(1 + kept)]);
        Assert.Equal(KernelFaultKind.TooFewFrames, fault.Kind);
        Assert.Contains($"{kept} frames", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_delimiter_there_is_no_message()
    {
        Assert.Equal(KernelFaultKind.NoDelimiter, Refusal([]).Kind);
        Assert.Equal(KernelFaultKind.NoDelimiter, Refusal([Utf8("a"), Utf8("<IDS|MSG")]).Kind);
        var many = Enumerable.Repeat(Utf8("id"), 17).ToArray();
        var fault = Refusal(ZmqMessageCodec.Encode(Make(), _signer, many));
        Assert.Equal(KernelFaultKind.NoDelimiter, fault.Kind);
        Assert.Contains("MaxIdentities (16)", fault.Detail, StringComparison.Ordinal);
    }

    [Theory, InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void A_changed_part_does_not_fit_the_signature(int frame)
    {
        var frames = ZmqMessageCodec.Encode(Make(), _signer);
        frames[frame] = Utf8(Text(frames[frame]) + " ");
        Assert.Equal(KernelFaultKind.BadSignature, Refusal(frames).Kind);
    }

    [Fact]
    public void A_changed_buffer_passes_since_buffers_are_not_signed()
    {
        var frames = ZmqMessageCodec.Encode(Make(buffers: [[1]]), _signer);
        frames[6] = new byte[] { 2 };
        Assert.Equal(2, Decode(frames, KernelChannel.Shell).Buffers[0].Span[0]);
    }

    [Theory]
    [InlineData("[1]", "{}", "header is an array")]
    [InlineData("not json", "{}", "header is not JSON")]
    [InlineData("{}", "{}", "msg_type")]
    [InlineData("""{"msg_type":5}""", "{}", "header.msg_type is not a string")]
    [InlineData(Header, "null", "parent_header is not an object")]
    public void A_well_signed_message_with_a_broken_header_is_dropped_by_name(string header, string parent, string named)
    {
        var fault = Refusal(ZmqMessageCodec.Encode(Make(header: header, parent: parent), _signer));
        Assert.Equal(KernelFaultKind.BadHeader, fault.Kind);
        Assert.Contains(named, fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_stand_in_the_fault()
    {
        var frames = ZmqMessageCodec.Encode(Make(buffers: [[1], [2], [3]]), _signer);
        Assert.Contains("MaxBuffers (2)", Refusal(frames, new MessageLimits { MaxBuffers = 2 }).Detail, StringComparison.Ordinal);
        Assert.Contains("MaxMessageBytes (100)", Refusal(frames, new MessageLimits { MaxMessageBytes = 100 }).Detail, StringComparison.Ordinal);
    }

    private KernelMessage Decode(ReadOnlyMemory<byte>[] frames, KernelChannel channel)
    {
        Assert.True(ZmqMessageCodec.TryDecode(frames, channel, _signer, MessageLimits.Default, out var message, out var fault), fault?.Detail);
        return message;
    }

    private KernelMessage Read(KernelMessage message, ParentHeaderCache parents)
    {
        var received = ZmtpMessage.Of(ZmqMessageCodec.Encode(message, _signer));
        Assert.True(ZmqMessageCodec.TryDecode(received, KernelChannel.Shell, _signer, MessageLimits.Default, parents, null, out var read, out var fault), fault?.Detail);
        return read;
    }

    private KernelFault Refusal(ReadOnlyMemory<byte>[] frames, MessageLimits? limits = null)
    {
        Assert.False(ZmqMessageCodec.TryDecode(frames, KernelChannel.Shell, _signer, limits ?? MessageLimits.Default, out _, out var fault));
        return fault;
    }
}
