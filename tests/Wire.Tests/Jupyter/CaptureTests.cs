using System.Text.Json;
using Wire.Jupyter;
using Xunit;

namespace Wire.Tests.Jupyter;

public sealed class CaptureTests
{
    public static TheoryData<string> Kernels => ["ipykernel", "irkernel", "xeus-python"];

    [Theory, MemberData(nameof(Kernels))]
    public void Every_recorded_message_is_verified_and_encodes_to_the_recorded_frames(string kernel)
    {
        var capture = Capture.Of(kernel);
        using var signer = new MessageSigner(capture.Key);
        Assert.InRange(capture.Entries.Count, 60, 200);
        foreach (var entry in capture.Entries)
        {
            Assert.True(ZmqMessageCodec.TryDecode(entry.Frames, entry.Channel, signer, MessageLimits.Default, out var message, out var fault), fault?.ToString());
            var delimiter = Array.FindIndex(entry.Frames, frame => frame.Span.SequenceEqual(ZmqMessageCodec.Delimiter));
            var again = ZmqMessageCodec.Encode(message, signer, entry.Frames.AsSpan(0, delimiter));
            Assert.Equal(entry.Frames.Select(frame => frame.ToArray()), again.Select(frame => frame.ToArray()));
            Assert.Null(message.HeaderFields.Problem);
            Assert.NotEqual("", message.MessageId);
        }
    }

    [Theory, MemberData(nameof(Kernels))]
    public void Every_recorded_message_survives_both_WebSocket_framings_byte_for_byte(string kernel)
    {
        foreach (var (_, message) in Capture.Of(kernel).FromKernel())
        {
            Assert.True(Messages.Same(message, WebSocketV1Codec.Decode(WebSocketV1Codec.Encode(message))));
            var legacy = WebSocketJsonCodec.Encode(message);
            Assert.True(Messages.Same(message, WebSocketJsonCodec.Decode(legacy, WebSocketJsonCodec.IsText(message))));
        }
    }

    [Theory, MemberData(nameof(Kernels))]
    public void With_the_wrong_key_none_is_verified(string kernel)
    {
        var capture = Capture.Of(kernel);
        using var signer = new MessageSigner(capture.Key + " ");
        Assert.All(capture.Entries, entry =>
        {
            Assert.False(ZmqMessageCodec.TryDecode(entry.Frames, entry.Channel, signer, MessageLimits.Default, out _, out var fault));
            Assert.Equal(KernelFaultKind.BadSignature, fault.Kind);
        });
    }

    [Theory, MemberData(nameof(Kernels))]
    public void Each_cell_has_one_reply_and_each_of_its_messages_names_it(string kernel)
    {
        var capture = Capture.Of(kernel);
        foreach (var step in new[] { "print", "expression", "error", "display", "comm", "input" })
        {
            var messages = capture.Step(step);
            var asked = messages[0].ParentMessageId;
            Assert.All(messages, message => Assert.Equal((asked, capture.Session), (message.ParentMessageId, message.ParentSession)));
            Assert.Single(messages, message => message.MessageType == MessageTypes.ExecuteReply);
            Assert.Contains(messages, message => State(message) == "busy");
            Assert.Contains(messages, message => State(message) == "idle");
        }
    }

    [Fact]
    public void The_topics_of_the_Python_kernel_differ_by_message_and_are_read_over()
    {
        var topics = Capture.Of("ipykernel").Entries.Where(entry => entry.Channel == KernelChannel.IOPub).Select(entry => Messages.Text(entry.Frames[0])).Distinct().ToList();
        Assert.Contains("stream.stdout", topics);
        Assert.Contains("display_data", topics);
        Assert.Contains(topics, topic => topic.StartsWith("comm-", StringComparison.Ordinal));
        Assert.Contains(topics, topic => topic.StartsWith("kernel.", StringComparison.Ordinal));
    }

    [Theory, InlineData("ipykernel"), InlineData("xeus-python")]
    public void Buffers_of_a_comm_arrive_with_the_empty_one_among_them(string kernel)
    {
        var messages = Capture.Of(kernel).Step("comm");
        var open = messages.Single(message => message.MessageType == MessageTypes.CommOpen);
        Assert.Equal([[0x00, 0xff, 0x80], []], open.Buffers.Select(buffer => buffer.ToArray()));
        Assert.Equal(Enumerable.Range(0, 256).Select(i => (byte)i), messages.Single(message => message.MessageType == MessageTypes.CommMessage).Buffers[0].ToArray());
    }

    [Theory, InlineData("ipykernel", false), InlineData("irkernel", true), InlineData("xeus-python", false)]
    public void Only_the_R_kernel_echoes_the_session_of_who_asked_and_a_rewrite_makes_it_constant(string kernel, bool echoes)
    {
        var capture = Capture.Of(kernel);
        var sessions = capture.FromKernel().Select(each => each.Message.Session).Distinct().ToList();
        Assert.Equal(echoes, Assert.Single(sessions) == capture.Session);
        Assert.All(capture.FromKernel(), each =>
        {
            var rewritten = each.Message.WithSession("constant");
            Assert.Equal("constant", rewritten.Session);
            Assert.Equal(each.Message.MessageId, rewritten.MessageId);
            Assert.True(rewritten.ParentHeader.Equals(each.Message.ParentHeader));
        });
    }

    [Fact]
    public void The_R_kernel_writes_empty_objects_as_arrays_and_nests_its_comm_info()
    {
        var capture = Capture.Of("irkernel");
        var close = Json(capture.Step("comm from the client").Single(message => message.MessageType == MessageTypes.CommClose));
        Assert.Equal(JsonValueKind.Array, close.GetProperty("data").ValueKind);
        Assert.Equal(JsonValueKind.Array, Json(capture.Step("comm_info").Single(message => message.MessageType == MessageTypes.CommInfoReply)).GetProperty("content").GetProperty("comms").ValueKind);
    }

    [Theory]
    [InlineData("ipykernel", "aborted", true)]
    [InlineData("irkernel", "aborted", false)]
    [InlineData("xeus-python", "error", false)]
    public void A_queued_cell_is_aborted_in_three_dialects(string kernel, string status, bool hasIdle)
    {
        var messages = Capture.Of(kernel).Step("abort");
        var aborted = messages.Where(message => message.MessageType == MessageTypes.ExecuteReply).ElementAt(1);
        Assert.Equal(status, Json(aborted).GetProperty("status").GetString());
        Assert.False(Json(aborted).TryGetProperty("execution_count", out _));
        Assert.Equal(hasIdle, messages.Any(message => message.ParentMessageId == aborted.ParentMessageId && State(message) == "idle"));
    }

    [Theory, InlineData("ipykernel", true), InlineData("irkernel", false), InlineData("xeus-python", true)]
    public void A_kernel_may_leave_control_unanswered(string kernel, bool answers) =>
        Assert.Equal(answers, Capture.Of(kernel).Step("kernel_info on control").Any(message => message.MessageType == MessageTypes.KernelInfoReply));

    [Theory, InlineData("ipykernel", "password"), InlineData("irkernel", "password"), InlineData("xeus-python", "pwd")]
    public void Input_is_asked_on_stdin_though_its_field_is_not_always_spelled_as_in_the_spec(string kernel, string field)
    {
        var question = Capture.Of(kernel).Step("input").Single(message => message.Channel == KernelChannel.Stdin);
        Assert.Equal(MessageTypes.InputRequest, question.MessageType);
        Assert.False(Json(question).GetProperty(field).GetBoolean());
    }

    [Fact]
    public void An_unknown_request_is_answered_by_busy_and_idle_alone() =>
        Assert.All(["ipykernel", "irkernel", "xeus-python"], (string kernel) =>
            Assert.Equal(["busy", "idle"], Capture.Of(kernel).Step("unknown type").Select(State)));

    // What Jupyter Server itself made of recorded messages; Captures/record_websocket.py.
    [Fact]
    public void Frames_of_Jupyter_Server_are_read_and_ours_say_the_same()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Captures", "jupyter-server.jsonl"));
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var parts = root.GetProperty("parts").EnumerateArray().Select(part => Messages.Utf8(part.GetString()!)).ToArray();
            var message = new KernelMessage
            {
                Channel = Capture.Channel(root),
                Header = parts[0],
                ParentHeader = parts[1],
                Metadata = parts[2],
                Content = parts[3],
                Buffers = [.. root.GetProperty("buffers").EnumerateArray().Select(buffer => (ReadOnlyMemory<byte>)buffer.GetBytesFromBase64())],
            };
            var v1 = root.GetProperty("v1").GetBytesFromBase64();
            Assert.Equal(v1, WebSocketV1Codec.Encode(message));
            Assert.True(Messages.Same(message, WebSocketV1Codec.Decode(v1)));

            var theirs = Capture.Frame(root.GetProperty("legacy"));
            var ours = WebSocketJsonCodec.Encode(message);
            var isText = root.GetProperty("legacy").ValueKind == JsonValueKind.String;
            Assert.Equal(isText, WebSocketJsonCodec.IsText(message));
            var read = WebSocketJsonCodec.Decode(theirs, isText);
            Assert.Equal((message.MessageId, message.MessageType, message.Channel), (read.MessageId, read.MessageType, read.Channel));
            Assert.Equal(message.Buffers.Select(buffer => buffer.ToArray()), read.Buffers.Select(buffer => buffer.ToArray()));
            AssertSameFields(JsonOf(theirs, isText), JsonOf(ours, isText));
        });
    }

    // Jupyter Server rewrites dates (fraction and zone); everything else has to be equal, whatever the order.
    private static void AssertSameFields(JsonElement theirs, JsonElement ours)
    {
        Assert.Equal(theirs.EnumerateObject().Select(field => field.Name).Order(), ours.EnumerateObject().Select(field => field.Name).Order());
        foreach (var field in theirs.EnumerateObject())
        {
            var mine = ours.GetProperty(field.Name);
            if (field.Name is "header" or "parent_header")
                AssertSameFields(field.Value, mine);
            else if (field.Name != "date")
                Assert.True(JsonElement.DeepEquals(field.Value, mine), field.Name);
        }
    }

    private static JsonElement JsonOf(byte[] frame, bool isText)
    {
        if (isText)
            return JsonDocument.Parse(frame).RootElement;
        int Word(int i) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(4 * i));
        return JsonDocument.Parse(frame.AsMemory()[Word(1)..Word(2)]).RootElement;
    }

    private static string? State(KernelMessage message) =>
        message.MessageType == MessageTypes.Status ? Json(message).GetProperty("execution_state").GetString() : null;

    private static JsonElement Json(KernelMessage message) => JsonDocument.Parse(message.Content).RootElement;
}
