using System.Text;
using System.Text.Json;
using Hub.Journal;
using Hub.Kernels;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>What is known of comms and widgets by what was said of them, as tables.</summary>
public sealed class CommsStateTests
{
    private const string Slider = """
        {"comm_id":"w1","target_name":"jupyter.widget","data":{"state":{"_model_name":"IntSliderModel","_model_module":"@jupyter-widgets/controls","_model_module_version":"2.0.0","value":1,"layout":"IPY_MODEL_w2"},"buffer_paths":[]}}
        """;

    private long _sequence;

    [Fact]
    public void All_comms_are_listed_or_those_of_one_target()
    {
        CommsState comms = Fed(Open("w1", "jupyter.widget"), Open("x", "other"), Open("gone", "other"), Close("gone"));
        Assert.Equal("""{"status":"ok","comms":{"w1":{"target_name":"jupyter.widget"},"x":{"target_name":"other"}}}""", Info(comms, "{}"));
        Assert.Equal("""{"status":"ok","comms":{"x":{"target_name":"other"}}}""", Info(comms, """{"target_name":"other"}"""));
        Assert.Equal("""{"status":"ok","comms":{}}""", Info(comms, """{"target_name":"none"}"""));
    }

    [Fact]
    public void A_widget_has_what_was_said_last_of_each_field_by_kernel_or_tab()
    {
        CommsState comms = Fed(
            Slider,
            """{"comm_id":"w1","data":{"method":"update","state":{"value":2,"max":10},"buffer_paths":[]}}""",
            """{"comm_id":"w1","data":{"method":"echo_update","state":{"value":3}}}""",
            """{"comm_id":"w1","data":{"method":"custom","content":{"value":9}}}""",
            """{"comm_id":"nobody","data":{"method":"update","state":{"value":9}}}""");
        Feed(comms, JournalKind.Asked, "comm_msg", """{"comm_id":"w1","data":{"method":"update","state":{"max":20}}}""");
        JsonElement data = Ask(comms, "w1", "request_state")!.Value.Data;
        Assert.Equal("update", data.GetProperty("method").GetString());
        Assert.Equal("""{"_model_name":"IntSliderModel","_model_module":"@jupyter-widgets/controls","_model_module_version":"2.0.0","value":3,"layout":"IPY_MODEL_w2","max":20}""", data.GetProperty("state").GetRawText());
        Assert.Equal("[]", data.GetProperty("buffer_paths").GetRawText());
    }

    [Fact]
    public void All_widgets_are_told_over_the_control_comm_as_the_kernel_would()
    {
        CommsState comms = Fed(Slider, """{"comm_id":"c","target_name":"jupyter.widget.control","data":{}}""", Open("x", "other"));
        byte[] first = [1, 2], second = [3];
        Feed(comms, JournalKind.Said, "comm_msg", """{"comm_id":"w1","data":{"method":"update","state":{"data":{"shape":[1]}},"buffer_paths":[["data","raw",0],["image"]]}}""", first, second);
        (JsonElement data, IReadOnlyList<ReadOnlyMemory<byte>> buffers) = Ask(comms, "c", "request_states")!.Value;
        Assert.Equal("update_states", data.GetProperty("method").GetString());
        JsonProperty widget = Assert.Single(data.GetProperty("states").EnumerateObject());
        Assert.Equal("w1", widget.Name);
        Assert.Equal(["IntSliderModel", "@jupyter-widgets/controls", "2.0.0"],
            new[] { "model_name", "model_module", "model_module_version" }.Select(name => widget.Value.GetProperty(name).GetString()));
        Assert.Equal(1, widget.Value.GetProperty("state").GetProperty("value").GetInt32());
        Assert.Equal("""{"shape":[1]}""", widget.Value.GetProperty("state").GetProperty("data").GetRawText());
        Assert.False(widget.Value.GetProperty("state").TryGetProperty("image", out _));
        Assert.Equal("""[["w1","state","data","raw",0],["w1","state","image"]]""", data.GetProperty("buffer_paths").GetRawText());
        Assert.Equal([first, second], buffers.Select(buffer => buffer.ToArray()));
        // A field said anew takes its buffers along.
        Feed(comms, JournalKind.Said, "comm_msg", """{"comm_id":"w1","data":{"method":"update","state":{"data":null}}}""");
        Assert.Equal("""[["image"]]""", Ask(comms, "w1", "request_state")!.Value.Data.GetProperty("buffer_paths").GetRawText());
    }

    [Theory]
    [InlineData("w1", "request_states", "only the control comm knows all")]
    [InlineData("c", "request_state", "the control comm has none")]
    [InlineData("x", "request_state", "not a widget's comm")]
    [InlineData("nobody", "request_state", "no such comm")]
    [InlineData("w1", "update", "not a question")]
    [InlineData("bare", "request_state", "a comm without a model is nothing to a page")]
    public void What_is_no_question_the_hub_can_answer_is_left_to_the_kernel(string comm, string method, string why)
    {
        CommsState comms = Fed(Slider, """{"comm_id":"c","target_name":"jupyter.widget.control"}""", Open("x", "other"), Open("bare", "jupyter.widget"));
        Assert.True(Ask(comms, comm, method) is null, why);
    }

    [Fact]
    public void A_widget_that_does_not_fit_is_left_to_the_kernel_and_with_it_the_question_for_all()
    {
        CommsState comms = new(10, 1_000);
        Feed(comms, JournalKind.Said, "comm_open", Slider);
        Feed(comms, JournalKind.Said, "comm_open", Slider.Replace("w1", "w2", StringComparison.Ordinal));
        Feed(comms, JournalKind.Said, "comm_open", """{"comm_id":"c","target_name":"jupyter.widget.control"}""");
        Assert.NotNull(Ask(comms, "c", "request_states"));
        Feed(comms, JournalKind.Said, "comm_msg", """{"comm_id":"w2","data":{"method":"update","state":{},"buffer_paths":[["image"]]}}""", new byte[900]);
        Assert.True(comms.LeavesOut);
        Assert.Null(Ask(comms, "c", "request_states"));
        Assert.Null(Ask(comms, "w2", "request_state"));
        Assert.NotNull(Ask(comms, "w1", "request_state"));
        Assert.NotNull(comms.Answer(Message("comm_info_request", "{}")));
        // What it took is free again, and once it is closed all that are left are known.
        Feed(comms, JournalKind.Said, "comm_msg", """{"comm_id":"w1","data":{"method":"update","state":{"description":"TEXT"}}}""".Replace("TEXT", new string('x', 500), StringComparison.Ordinal));
        Assert.NotNull(Ask(comms, "w1", "request_state"));
        Feed(comms, JournalKind.Said, "comm_close", """{"comm_id":"w2"}""");
        Assert.NotNull(Ask(comms, "c", "request_states"));
    }

    [Theory]
    [InlineData("""{"comm_id":"w1","data":{"method":"update","state":{},"buffer_paths":[["image"]]}}""", 0)]
    [InlineData("""{"comm_id":"w1","data":{"method":"update","state":{},"buffer_paths":[]}}""", 1)]
    [InlineData("""{"comm_id":"w1","data":{"method":"update","state":{},"buffer_paths":[[7]]}}""", 1)]
    [InlineData("""{"comm_id":"w1","data":{"method":"update","state":{},"buffer_paths":["image"]}}""", 1)]
    [InlineData("""{"comm_id":"w1","data":{"method":"update","state":{"\ud800":1}}}""", 0)]
    [InlineData("no JSON", 0)]
    public void What_cannot_be_read_makes_the_hub_say_nothing_of_it(string content, int buffers)
    {
        CommsState comms = Fed(Slider);
        Feed(comms, JournalKind.Said, "comm_msg", content, [.. Enumerable.Repeat<byte[]>([1], buffers)]);
        Assert.Null(Ask(comms, "w1", "request_state"));
        Assert.True(comms.LeavesOut);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"comm_id":7}""")]
    [InlineData("""{"comm_id":"w1"}""")]
    [InlineData("""{"comm_id":"w1","data":[]}""")]
    [InlineData("""{"comm_id":"w1","data":{"method":"update","state":[]}}""")]
    public void What_means_nothing_changes_nothing(string content)
    {
        CommsState comms = Fed(Slider);
        Feed(comms, JournalKind.Said, "comm_msg", content);
        Assert.Contains("\"value\":1", Ask(comms, "w1", "request_state")!.Value.Data.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void More_comms_than_are_kept_leave_all_to_the_kernel_until_its_process_is_another()
    {
        CommsState comms = new(2, 1_000_000);
        foreach (string id in (string[])["a", "b", "c"])
            Feed(comms, JournalKind.Said, "comm_open", Open(id, "other"));
        Assert.Null(comms.Answer(Message("comm_info_request", "{}")));
        Assert.True(comms.LeavesOut);
        comms.Apply(Entry(JournalKind.Note, new HubMessages(TimeProvider.System).Note(RestoreState.KernelStarted)));
        Assert.Equal("""{"status":"ok","comms":{}}""", Info(comms, "{}"));
        Assert.False(comms.LeavesOut);
    }

    [Fact]
    public void A_journal_without_the_start_of_the_process_or_with_a_gap_tells_nothing()
    {
        CommsState comms = new(10, 1_000, isComplete: false);
        Feed(comms, JournalKind.Said, "comm_open", Slider);
        Assert.Null(comms.Answer(Message("comm_info_request", "{}")));
        comms = Fed(Slider);
        comms.Apply(Entry(JournalKind.Note, new HubMessages(TimeProvider.System).Note(RestoreState.OutputMissing)));
        Assert.Null(comms.Answer(Message("comm_info_request", "{}")));
    }

    private static string Open(string id, string target) => JsonSerializer.Serialize(new { comm_id = id, target_name = target, data = new { } });

    private static string Close(string id) => $$"""{"comm_id":"{{id}}"}""";

    private CommsState Fed(params string[] contents)
    {
        CommsState comms = new(100, 1_000_000);
        foreach (string content in contents)
            Feed(comms, JournalKind.Said, content.Contains("target_name", StringComparison.Ordinal) ? "comm_open" : content.Contains("data", StringComparison.Ordinal) ? "comm_msg" : "comm_close", content);
        return comms;
    }

    private void Feed(CommsState comms, JournalKind kind, string type, string content, params byte[][] buffers) =>
        comms.Apply(Entry(kind, Message(type, content, kind == JournalKind.Said ? KernelChannel.IOPub : KernelChannel.Shell, buffers)));

    private JournalEntry Entry(JournalKind kind, KernelMessage message) => new(++_sequence, 0, kind, message, null, null);

    private static KernelMessage Message(string type, string content, KernelChannel channel = KernelChannel.Shell, params byte[][] buffers) =>
        KernelMessage.Create(channel, type, Encoding.UTF8.GetBytes(content), "s", TimeProvider.System, buffers: [.. buffers.Select(buffer => (ReadOnlyMemory<byte>)buffer)]);

    private static string Info(CommsState comms, string content)
    {
        CommAnswer answer = comms.Answer(Message("comm_info_request", content))!;
        Assert.Equal((KernelChannel.Shell, "comm_info_reply"), (answer.Channel, answer.MessageType));
        return Encoding.UTF8.GetString(answer.Content.Span);
    }

    private static (JsonElement Data, IReadOnlyList<ReadOnlyMemory<byte>> Buffers)? Ask(CommsState comms, string id, string method)
    {
        if (comms.Answer(Message("comm_msg", JsonSerializer.Serialize(new { comm_id = id, data = new { method } }))) is not { } answer)
            return null;
        Assert.Equal((KernelChannel.IOPub, "comm_msg"), (answer.Channel, answer.MessageType));
        JsonElement content = JsonDocument.Parse(answer.Content).RootElement;
        Assert.Equal(id, content.GetProperty("comm_id").GetString());
        return (content.GetProperty("data"), answer.Buffers);
    }
}
