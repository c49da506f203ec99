using System.Buffers.Binary;
using System.Text.Json;
using Wire.Jupyter;
using Xunit;
using static Wire.Tests.Jupyter.Messages;

namespace Wire.Tests.Jupyter;

public sealed class WebSocketJsonCodecTests
{
    [Fact]
    public void Without_buffers_it_is_one_JSON_object_with_id_and_type_on_top()
    {
        var message = Make(KernelChannel.IOPub, parent: Header, content: """{"text":"ü"}""");
        Assert.True(WebSocketJsonCodec.IsText(message));
        Assert.Equal(
            """{"channel":"iopub","msg_id":"m1","msg_type":"execute_request","header":""" + Header + ""","parent_header":""" + Header
            + ""","metadata":{},"content":{"text":"ü"},"buffers":[]}""",
            Text(WebSocketJsonCodec.Encode(message)));
    }

    [Fact]
    public void With_buffers_it_is_offsets_then_JSON_then_buffers()
    {
        var message = Make(buffers: [[1, 2, 3], [], [4]]);
        Assert.False(WebSocketJsonCodec.IsText(message));
        var frame = WebSocketJsonCodec.Encode(message);
        var words = Enumerable.Range(0, 5).Select(i => (int)BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4 * i))).ToArray();
        Assert.Equal([4, 20, frame.Length - 4, frame.Length - 1, frame.Length - 1], words);
        using var json = JsonDocument.Parse(frame.AsMemory()[words[1]..words[2]]);
        Assert.False(json.RootElement.TryGetProperty("buffers", out _));
    }

    [Fact]
    public void A_frame_read_back_is_the_same_message()
    {
        foreach (var message in new[]
        {
            Make(KernelChannel.Stdin, parent: " {\"msg_id\" : \"\\u0061\"} ".Trim(), metadata: "[]", content: """{"a":"\"}{","b":[1,{"c":null}]}"""),
            Make(KernelChannel.Control, buffers: [[], [1], [], [2, 3]]),
        })
        {
            var frame = WebSocketJsonCodec.Encode(message);
            Assert.True(Same(message, WebSocketJsonCodec.Decode(frame, WebSocketJsonCodec.IsText(message))));
        }
    }

    [Fact]
    public void A_browser_may_order_and_space_its_fields_as_it_likes_and_add_its_own()
    {
        var read = Decode("""
            { "tracker": {"x": 1}, "content" : {"code": "1"}, "buffers" : [ ], "msg_type": "other",
              "header" : {"msg_type":"execute_request", "msg_id":"m"}, "channel" : "control" }
            """);
        Assert.Equal(KernelChannel.Control, read.Channel);
        Assert.Equal("""{"code": "1"}""", Text(read.Content));
        Assert.Equal("{}", Text(read.Metadata));
        Assert.Equal("{}", Text(read.ParentHeader));
        Assert.Equal(("m", "execute_request"), (read.MessageId, read.MessageType));
    }

    [Theory, InlineData(""), InlineData("\"channel\":null,")]
    public void Without_a_channel_it_is_shell(string channel) =>
        Assert.Equal(KernelChannel.Shell, Decode("{" + channel + "\"buffers\":null,\"header\":" + Header + "}").Channel);

    [Theory]
    [InlineData("", "frame")]
    [InlineData("[]", "frame is not an object")]
    [InlineData("{}", "frame has no header")]
    [InlineData("{\"header\":3}", "header is not an object")]
    [InlineData("{\"header\":{\"msg_id\":\"m\",\"msg_type\":3}}", "header.msg_type")]
    [InlineData("{\"header\":{\"msg_id\":\"m\",\"msg_type\":\"\"}}", "msg_type")]
    [InlineData("{\"header\":" + Header + ",\"channel\":\"other\"}", "channel")]
    [InlineData("{\"header\":" + Header + ",\"channel\":1}", "channel")]
    [InlineData("{\"header\":" + Header + ",\"content\":\"x\"}", "content is not an object")]
    [InlineData("{\"header\":" + Header + ",\"buffers\":[\"x\"]}", "buffers")]
    [InlineData("{\"header\":" + Header + ",\"buffers\":\"x\"}", "buffers")]
    [InlineData("{\"header\":" + Header + "}{}", "frame is not JSON")]
    [InlineData("{\"header\":" + Header + ",\"content\":{\"a\":NaN}}", "frame is not JSON")]
    public void What_is_wrong_is_named(string frame, string named) =>
        Assert.Contains(named, Assert.Throws<MessageFormatException>(() => Decode(frame)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("part count is 0", 0, 0)]
    [InlineData("MaxBuffers", 0, uint.MaxValue)]
    [InlineData("do not fit", 0, 4000)]
    [InlineData("offset 1", 1, 0)]
    [InlineData("offset 1", 1, uint.MaxValue)]
    [InlineData("offset 2", 2, 11)]
    [InlineData("offset 3", 3, 0)]
    [InlineData("offset 3", 3, 1u << 31)]
    public void An_offset_that_lies_is_refused_by_name(string named, int word, uint value)
    {
        var frame = WebSocketJsonCodec.Encode(Make(buffers: [[1], [2]]));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4 * word), value);
        Assert.Contains(named, Assert.Throws<MessageFormatException>(() => WebSocketJsonCodec.Decode(frame, isText: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_stand_in_the_error()
    {
        var frame = WebSocketJsonCodec.Encode(Make(content: """{"a":[[[[1]]]]}""", buffers: [[1], [2], [3]]));
        string Refusal(MessageLimits limits) => Assert.Throws<MessageFormatException>(() => WebSocketJsonCodec.Decode(frame, isText: false, limits)).Message;
        Assert.Contains("MaxMessageBytes (50)", Refusal(new MessageLimits { MaxMessageBytes = 50 }), StringComparison.Ordinal);
        Assert.Contains("MaxBuffers (2)", Refusal(new MessageLimits { MaxBuffers = 2 }), StringComparison.Ordinal);
        Assert.Contains("MaxJsonDepth (4)", Refusal(new MessageLimits { MaxJsonDepth = 4 }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_cannot_smuggle_fields_into_the_frame_of_a_browser()
    {
        var message = Make(content: """{},"channel":"control","x":{}""");
        var refusal = Assert.Throws<MessageFormatException>(() => WebSocketJsonCodec.Encode(message));
        Assert.Contains("content", refusal.Message, StringComparison.Ordinal);
    }

    private static KernelMessage Decode(string text) => WebSocketJsonCodec.Decode(Utf8(text), isText: true);
}
