using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hub.Journal;
using Hub.Kernels;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>Who ran what, how far it has come, and what came of it.</summary>
public sealed class ExecutionsTests
{
    [Fact]
    public async Task A_newcomer_learns_who_runs_what_and_follows_without_a_gap()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string done = await tab.RunAsync("echo a\necho b\nwarn c\n1+1");
        await tab.DoneAsync(done);
        string failed = await tab.RunAsync("raise Oops nothing");
        await tab.DoneAsync(failed);
        string running = await RunAsync(tab, "echo before\nsleep\necho after", "cell-7");
        string waiting = await tab.RunAsync("1+1");
        await tab.NextAsync(m => m.ParentMessageId == running && m.MessageType == MessageTypes.Stream);
        await hub.Spawner.KernelOf(id).Asked(MessageTypes.ExecuteRequest, 3);

        JsonElement all = await GetAsync(hub, id, "?outputs=true");
        JsonElement[] executions = [.. all.GetProperty("executions").EnumerateArray()];
        Assert.Equal([done, failed, running, waiting], executions.Select(e => e.GetProperty("msg_id").GetString()));
        Assert.Equal(["done", "error", "running", "queued"], executions.Select(e => e.GetProperty("state").GetString()));
        Assert.All(executions, e => Assert.Equal(("admin", tab.Session), (e.GetProperty("user").GetString(), e.GetProperty("client_id").GetString())));
        Assert.Equal("cell-7", executions[2].GetProperty("cell_id").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("1+1"))), executions[3].GetProperty("code_sha256").GetString());
        Assert.Equal(
            ["""{"output_type":"stream","name":"stdout","text":"a\nb\n"}""", """{"output_type":"stream","name":"stderr","text":"c\n"}""",
             """{"output_type":"execute_result","execution_count":1,"data":{"text/plain":"2"},"metadata":{}}"""],
            executions[0].GetProperty("outputs").EnumerateArray().Select(output => output.GetRawText()));
        Assert.Equal("Oops", executions[1].GetProperty("outputs")[0].GetProperty("ename").GetString());
        Assert.Equal("before\n", executions[2].GetProperty("outputs")[0].GetProperty("text").GetString());

        JsonElement hubPart = (await hub.KernelAsync(id)).GetProperty("hub");
        Assert.Equal((1, 2), (hubPart.GetProperty("cell").GetInt32(), hubPart.GetProperty("of").GetInt32()));
        Assert.Equal([running, waiting], hubPart.GetProperty("queue").EnumerateArray().Select(e => e.GetProperty("msg_id").GetString()));
        Assert.NotEqual(JsonValueKind.Null, hubPart.GetProperty("busy_since").ValueKind);

        await using BrowserTab late = await hub.OpenTabAsync(id, seq: all.GetProperty("seq").GetInt64());
        hub.Spawner.KernelOf(id).Release();
        await late.NextAsync(m => m.ParentMessageId == waiting && BrowserTab.IsStatus(m, "idle"));
        Assert.Equal("after\n", late.TextOf(running));
        Assert.Empty(late.Of(done));
        await tab.DoneAsync(waiting);
        hubPart = (await hub.KernelAsync(id)).GetProperty("hub");
        Assert.Equal((0, 0, JsonValueKind.Null), (hubPart.GetProperty("cell").GetInt32(), hubPart.GetProperty("of").GetInt32(), hubPart.GetProperty("busy_since").ValueKind));
    }

    [Fact]
    public async Task A_restart_aborts_what_was_open_and_the_list_is_bounded()
    {
        await using KernelHub hub = await KernelHub.StartAsync(null, null, "Kernels:StopGrace=00:00:00.2", "Kernels:ExecutionsKept=3");
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        for (int i = 0; i < 4; i++)
            await tab.RunToEndAsync("1+1");
        string running = await tab.RunAsync("sleep");
        await tab.NextAsync(m => m.ParentMessageId == running && m.MessageType == MessageTypes.ExecuteInput);
        (await hub.Client.PostAsync($"api/kernels/{id}/restart", null)).EnsureSuccessStatusCode();
        JsonElement[] executions = [.. (await GetAsync(hub, id, "")).GetProperty("executions").EnumerateArray()];
        Assert.Equal(["done", "done", "aborted"], executions.Select(e => e.GetProperty("state").GetString()));
        Assert.All(executions, e => Assert.False(e.TryGetProperty("outputs", out _)));
        Assert.Equal(running, Assert.Single((await GetAsync(hub, id, "?limit=1")).GetProperty("executions").EnumerateArray()).GetProperty("msg_id").GetString());
    }

    [Fact]
    public async Task Of_an_unknown_kernel_or_with_a_wrong_limit_there_is_nothing()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.GetAsync($"api/kernels/{Guid.NewGuid()}/executions")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await hub.Client.GetAsync($"api/kernels/{id}/executions?limit=0")).StatusCode);
        Assert.Empty((await GetAsync(hub, id, "?outputs=true")).GetProperty("executions").EnumerateArray());
    }

    [Fact]
    public void Outputs_are_cleared_at_once_or_with_the_next_and_displays_change_wherever_they_are()
    {
        OutputsState outputs = new(["m1", "m2"], 1 << 20);
        Feed(outputs, "m1", "display_data", """{"data":{"text/plain":"1"},"metadata":{},"transient":{"display_id":"d"}}""");
        Feed(outputs, "m1", "stream", """{"name":"stdout","text":"gone"}""");
        Feed(outputs, "m2", "stream", """{"name":"stdout","text":"old"}""");
        Feed(outputs, "m2", "clear_output", """{"wait":true}""");
        Assert.Equal("old", outputs.Of("m2").Outputs[0]!["text"]!.GetValue<string>());
        Feed(outputs, "m2", "stream", """{"name":"stdout","text":"new"}""");
        Feed(outputs, "other", "update_display_data", """{"data":{"text/plain":"2"},"metadata":{"a":1},"transient":{"display_id":"d"}}""");
        Feed(outputs, "m2", "nonsense", "[]");
        Feed(outputs, "m2", "stream", "[");
        Assert.Equal("""[{"output_type":"display_data","data":{"text/plain":"2"},"metadata":{"a":1}},{"output_type":"stream","name":"stdout","text":"gone"}]""", outputs.Of("m1").Outputs.ToJsonString());
        Assert.Equal("""[{"output_type":"stream","name":"stdout","text":"new"}]""", outputs.Of("m2").Outputs.ToJsonString());
        Feed(outputs, "m1", "clear_output", """{"wait":false}""");
        Assert.Equal("[]", outputs.Of("m1").Outputs.ToJsonString());
    }

    [Fact]
    public void Outputs_beyond_the_limit_are_left_out_and_that_is_said()
    {
        OutputsState outputs = new(["m1", "m2"], 100);
        Feed(outputs, "m1", "stream", """{"name":"stdout","text":"short"}""");
        Feed(outputs, "m1", "stream", JsonSerializer.Serialize(new { name = "stdout", text = new string('x', 200) }));
        Assert.True(outputs.Of("m1").IsTruncated);
        Assert.False(outputs.Of("m2").IsTruncated);
        Assert.Equal("short", outputs.Of("m1").Outputs[0]!["text"]!.GetValue<string>());
    }

    private static readonly KernelJournal s_journal = Tap.OpenInMemory();

    private static void Feed(OutputsState outputs, string parent, string type, string content) => outputs.Apply(s_journal.Append(JournalKind.Said, new KernelMessage
    {
        Channel = KernelChannel.IOPub,
        Header = Encoding.UTF8.GetBytes($$"""{"msg_id":"o","msg_type":"{{type}}","session":"s"}"""),
        ParentHeader = Encoding.UTF8.GetBytes($$"""{"msg_id":"{{parent}}","msg_type":"execute_request"}"""),
        Metadata = "{}"u8.ToArray(),
        Content = Encoding.UTF8.GetBytes(content),
    }));

    private static async Task<JsonElement> GetAsync(KernelHub hub, string id, string query) => await hub.Client.GetFromJsonAsync<JsonElement>($"api/kernels/{id}/executions{query}");

    private static async Task<string> RunAsync(BrowserTab tab, string code, string cell)
    {
        KernelMessage request = KernelMessage.Create(
            KernelChannel.Shell, MessageTypes.ExecuteRequest, JsonSerializer.SerializeToUtf8Bytes(new { code, allow_stdin = true }), tab.Session, TimeProvider.System,
            metadata: JsonSerializer.SerializeToUtf8Bytes(new { cellId = cell }));
        await tab.SendAsync(request);
        return request.MessageId;
    }
}
