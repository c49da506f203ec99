using System.Text.Json;
using Hub.Journal.Recording;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>A page that is loaded while its kernel is busy learns the comms and the state of widgets from the hub.</summary>
public sealed class CommsTests : IAsyncDisposable
{
    private static readonly object s_state = new { _model_name = "IntSliderModel", _model_module = "@jupyter-widgets/controls", _model_module_version = "2.0.0", value = 1 };

    private readonly string _data = Directory.CreateTempSubdirectory("hub-test-").FullName;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_data, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_new_tab_gets_the_state_of_widgets_while_a_cell_runs_and_the_kernel_is_not_asked(bool v1)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        FakeKernel kernel = hub.Spawner.KernelOf(id);
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string cell = await OccupyAsync(tab, kernel);

        await using BrowserTab page = await hub.OpenTabAsync(id, v1: v1);
        string info = await page.SendAsync(KernelChannel.Shell, MessageTypes.CommInfoRequest, new { target_name = "jupyter.widget" });
        await page.DoneAsync(info);
        KernelMessage reply = page.Of(info).Single(m => m.MessageType == MessageTypes.CommInfoReply);
        Assert.Equal("w1", Assert.Single(BrowserTab.Content(reply).GetProperty("comms").EnumerateObject()).Name);
        Assert.Equal(["busy", "idle"], page.Of(info).Where(m => m.MessageType == MessageTypes.Status).Select(m => BrowserTab.Content(m).GetProperty("execution_state").GetString()));

        KernelMessage states = await StatesAsync(page);
        JsonElement data = BrowserTab.Content(states).GetProperty("data");
        Assert.Equal(2, data.GetProperty("states").GetProperty("w1").GetProperty("state").GetProperty("value").GetInt32());
        Assert.Equal("""[["w1","state","image"]]""", data.GetProperty("buffer_paths").GetRawText());
        Assert.Equal([1, 2, 3], Assert.Single(states.Buffers).ToArray());
        string one = await AskAsync(page, "w1", "request_state");
        KernelMessage state = await page.NextAsync(m => m.ParentMessageId == one && m.MessageType == MessageTypes.CommMessage);
        Assert.Equal(2, BrowserTab.Content(state).GetProperty("data").GetProperty("state").GetProperty("value").GetInt32());
        await page.NextAsync(m => m.ParentMessageId == one && BrowserTab.IsStatus(m, "idle"));
        // Whoever shows the kernel's state by the last status shows the truth.
        await Eventually.Holds(() => BrowserTab.IsStatus(page.Messages[^1], "busy"));
        Assert.Equal(page.Messages[0].Session, state.Session);

        kernel.Release();
        await tab.DoneAsync(cell);
        await page.NextAsync(m => m.ParentMessageId == cell && BrowserTab.IsStatus(m, "idle"));
        Assert.DoesNotContain(tab.Messages, m => m.ParentMessageId == info || m.ParentMessageId == one);
        Assert.DoesNotContain(kernel.Received, m => m.MessageId == info || m.MessageId == one);
        // An idle kernel answers itself: the one of this test only sends back what it was sent.
        string echo = await AskAsync(page, "w1", "request_state");
        KernelMessage answer = await page.NextAsync(m => m.ParentMessageId == echo && m.MessageType == MessageTypes.CommMessage);
        Assert.Equal("request_state", BrowserTab.Content(answer).GetProperty("data").GetProperty("method").GetString());
        Assert.Single(page.Of(info), m => m.MessageType == MessageTypes.CommInfoReply);
    }

    [Fact]
    public async Task What_the_hub_does_not_know_waits_for_the_kernel()
    {
        await using KernelHub hub = await KernelHub.StartAsync(settings: "Kernels:CommStateBytes=300");
        string id = await hub.StartKernelAsync();
        FakeKernel kernel = hub.Spawner.KernelOf(id);
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string cell = await OccupyAsync(tab, kernel);
        string unknown = await AskAsync(tab, "w1", "request_state");
        string info = await tab.SendAsync(KernelChannel.Shell, MessageTypes.CommInfoRequest, new { });
        await tab.DoneAsync(info);
        Assert.Empty(tab.Of(unknown));
        kernel.Release();
        await tab.DoneAsync(cell);
        await tab.NextAsync(m => m.ParentMessageId == unknown && m.MessageType == MessageTypes.CommMessage);
    }

    [Fact]
    public async Task A_restarted_kernel_has_no_comms()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        await OccupyAsync(tab, hub.Spawner.KernelOf(id));
        Assert.True((await hub.Client.PostAsync($"api/kernels/{id}/restart", null)).IsSuccessStatusCode);
        string cell = await tab.RunAsync("sleep");
        await tab.NextAsync(m => m.ParentMessageId == cell && m.MessageType == MessageTypes.ExecuteInput);
        string info = await tab.SendAsync(KernelChannel.Shell, MessageTypes.CommInfoRequest, new { });
        await tab.DoneAsync(info);
        Assert.Empty(BrowserTab.Content(tab.Of(info).Single(m => m.MessageType == MessageTypes.CommInfoReply)).GetProperty("comms").EnumerateObject());
        hub.Spawner.KernelOf(id).Release();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_next_hub_knows_them_from_the_journal_when_a_recorder_heard_what_came_between(bool recorded)
    {
        await using RecorderServer? recorder = recorded ? RecorderServer.Start(_data, new RecorderOptions(), TimeProvider.System) : null;
        string[] settings = [$"Recorder:Enabled={recorded}"];
        await using FakeSpawner spawner = new();
        KernelHub before = await KernelHub.StartAsync(spawner, _data, settings);
        string id = await before.StartKernelAsync();
        await using BrowserTab old = await before.OpenTabAsync(id);
        // A publisher keeps nothing for a subscriber that is still on its way.
        Recorder hears = before.Hub.Services.GetRequiredService<Recorder>();
        if (recorded)
            await Eventually.Holds(async () => await HearsAsync(hears, id, (await old.RunToEndAsync("1")).Last(m => m.Channel == KernelChannel.IOPub).MessageId));
        await OccupyAsync(old, spawner.KernelOf(id));
        await before.KillAsync();

        await using KernelHub after = await KernelHub.StartAsync(spawner, _data, settings);
        await using BrowserTab page = await after.OpenTabAsync(id);
        string asked = await AskAsync(page, "w1", "request_state");
        if (!recorded)
            spawner.KernelOf(id).Release();
        KernelMessage answer = await page.NextAsync(m => m.ParentMessageId == asked && m.MessageType == MessageTypes.CommMessage);
        Assert.Equal(recorded ? "update" : "request_state", BrowserTab.Content(answer).GetProperty("data").GetProperty("method").GetString());
        if (recorded)
            spawner.KernelOf(id).Release();
    }

    private static async Task<bool> HearsAsync(Recorder recorder, string kernelId, string messageId)
    {
        await using RecorderFeed feed = await recorder.OpenAsync(kernelId, messageId, default);
        return feed.Beginning == FeedBeginning.Seamless;
    }

    /// <summary>A cell that makes a widget and then runs on; returns its msg_id.</summary>
    private static async Task<string> OccupyAsync(BrowserTab tab, FakeKernel kernel)
    {
        kernel.Publish(MessageTypes.CommOpen, new { comm_id = "w1", target_name = "jupyter.widget", data = new { state = s_state, buffer_paths = Array.Empty<object>() } });
        byte[] image = [1, 2, 3];
        kernel.Publish(MessageTypes.CommMessage, new { comm_id = "w1", data = new { method = "update", state = new { value = 2 }, buffer_paths = new[] { new[] { "image" } } } }, buffers: [image]);
        string cell = await tab.RunAsync("echo started\nsleep");
        await tab.NextAsync(m => m.ParentMessageId == cell && m.MessageType == MessageTypes.Stream);
        return cell;
    }

    /// <summary>As the widget manager of JupyterLab asks: opens the control comm, asks, closes it.</summary>
    private static async Task<KernelMessage> StatesAsync(BrowserTab page)
    {
        await page.SendAsync(KernelChannel.Shell, MessageTypes.CommOpen, new { comm_id = "ctl", target_name = "jupyter.widget.control", data = new { } });
        string asked = await AskAsync(page, "ctl", "request_states");
        KernelMessage states = await page.NextAsync(m => m.ParentMessageId == asked && m.MessageType == MessageTypes.CommMessage);
        await page.NextAsync(m => m.ParentMessageId == asked && BrowserTab.IsStatus(m, "idle"));
        await page.SendAsync(KernelChannel.Shell, MessageTypes.CommClose, new { comm_id = "ctl", data = new { } });
        return states;
    }

    private static Task<string> AskAsync(BrowserTab page, string comm, string method) =>
        page.SendAsync(KernelChannel.Shell, MessageTypes.CommMessage, new { comm_id = comm, data = new { method } });
}
