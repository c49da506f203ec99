using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Hub.Journal.Recording;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>The whole way with a real Python kernel as a local process. Needs ipykernel, which the test environment installs.</summary>
public sealed class RealKernelTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Python_runs_prompts_is_interrupted_and_restarted_in_either_framing(bool v1)
    {
        await using KernelHub hub = await KernelHub.StartWithProcessesAsync();
        string id = await hub.StartKernelAsync("python3");
        await using BrowserTab tab = await hub.OpenTabAsync(id, v1: v1);
        await using BrowserTab other = await hub.OpenTabAsync(id, v1: !v1);

        string info = await tab.SendAsync(KernelChannel.Shell, MessageTypes.KernelInfoRequest, new { });
        await tab.DoneAsync(info);
        Assert.Equal("python", BrowserTab.Content(tab.Of(info).Single(m => m.MessageType == MessageTypes.KernelInfoReply)).GetProperty("language_info").GetProperty("name").GetString());

        IReadOnlyList<KernelMessage> sum = await tab.RunToEndAsync("x = 41\nx + 1");
        Assert.Equal("42", BrowserTab.Content(sum.Single(m => m.MessageType == MessageTypes.ExecuteResult)).GetProperty("data").GetProperty("text/plain").GetString());
        string shared = await other.RunAsync("print(x)");
        await other.DoneAsync(shared);
        Assert.Equal("41\n", other.TextOf(shared));
        Assert.Single(tab.Messages.Concat(other.Messages).Select(m => m.Session).Distinct());

        string asking = await tab.RunAsync("print('hello', input('name? '))");
        KernelMessage prompt = await tab.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        await tab.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "Ada" }, prompt);
        await tab.DoneAsync(asking);
        Assert.Equal("hello Ada\n", tab.TextOf(asking));

        // An interrupt that comes before the cell's first line is one ipykernel only writes into its log.
        string endless = await tab.RunAsync("print('on')\nwhile True: pass");
        await tab.NextAsync(m => m.ParentMessageId == endless && m.MessageType == MessageTypes.Stream);
        Assert.Equal("busy", await hub.StateOfAsync(id));
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client.PostAsync($"api/kernels/{id}/interrupt", null)).StatusCode);
        await tab.DoneAsync(endless);
        Assert.Contains(tab.Of(endless), m => m.MessageType == MessageTypes.Error && BrowserTab.Content(m).GetProperty("ename").GetString() == "KeyboardInterrupt");

        Assert.Equal(HttpStatusCode.OK, (await hub.Client.PostAsync($"api/kernels/{id}/restart", null)).StatusCode);
        await other.NextAsync(m => BrowserTab.IsStatus(m, "starting"));
        IReadOnlyList<KernelMessage> fresh = await tab.RunToEndAsync("x");
        Assert.Contains(fresh, m => m.MessageType == MessageTypes.Error && BrowserTab.Content(m).GetProperty("ename").GetString() == "NameError");
    }

    [Fact]
    public async Task Ten_thousand_prints_arrive_whole_at_both_tabs()
    {
        await using KernelHub hub = await KernelHub.StartWithProcessesAsync();
        string id = await hub.StartKernelAsync("python3");
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        await using BrowserTab other = await hub.OpenTabAsync(id, v1: false);
        // 400 at a time: beyond 1,000 unread messages the kernel's own publisher drops what a busy machine has not fetched yet, and as it learns
        // what was read only in steps of 500, only the half of that is certain. No hub can help that.
        string expected = string.Concat(Enumerable.Range(0, 400).Select(i => $"{i}\n"));
        for (int cell = 0; cell < 25; cell++)
        {
            string request = await tab.RunAsync("for i in range(400): print(i, flush=True)");
            await tab.DoneAsync(request);
            await other.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
            Assert.Equal(expected, tab.TextOf(request));
            Assert.Equal(expected, other.TextOf(request));
        }
    }

    [Fact]
    public async Task A_killed_kernel_is_noticed_within_seconds_and_comes_back_by_a_restart()
    {
        await using KernelHub hub = await KernelHub.StartWithProcessesAsync();
        string id = await hub.StartKernelAsync("python3");
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        long asked = TimeProvider.System.GetTimestamp();
        await tab.RunAsync("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)");
        await tab.NextAsync(m => BrowserTab.IsStatus(m, "dead"));
        Assert.True(TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(5));
        Assert.Contains("SIGKILL", (await hub.KernelAsync(id)).GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await hub.Client.PostAsync($"api/kernels/{id}/restart", null)).StatusCode);
        await tab.RunToEndAsync("1+1");
    }

    [Fact]
    public async Task A_kernel_outlives_its_hub_and_the_next_hub_finds_it()
    {
        string data = Directory.CreateTempSubdirectory("hub-test-").FullName;
        try
        {
            string session = Guid.NewGuid().ToString();
            string[] recorded = ["Recorder:Enabled=true", "Recorder:IdleExit=00:00:01"];
            KernelHub before = await KernelHub.StartWithProcessesAsync(data, kernelsStay: true, recorded);
            using HttpResponseMessage opened = await before.Client.PostAsJsonAsync("api/sessions", new { path = "a.ipynb", name = "a.ipynb", type = "notebook", kernel = new { name = "python3" } });
            JsonElement model = await opened.Content.ReadFromJsonAsync<JsonElement>();
            string id = model.GetProperty("kernel").GetProperty("id").GetString()!;
            BrowserTab old = await before.OpenTabAsync(id, session);
            string seen = (await old.RunToEndAsync("x = 7"))[0].Session;
            Recorder recorder = before.Hub.Services.GetRequiredService<Recorder>();
            await Eventually.Holds(async () => await HeardAsync(recorder, id, (await old.RunToEndAsync("1")).Last(m => m.Channel == KernelChannel.IOPub).MessageId));
            string running = await old.RunAsync("""
                import os, time
                def reached(mark, wanted):
                    open(mark, 'w').close()
                    while not os.path.exists(wanted): time.sleep(0.05)
                print('before')
                reached('started', 'gone')
                print('meanwhile', flush=True)
                reached('said', 'go')
                print('survived', x)
                """);
            string home = Path.Combine(data, "homes", "admin");
            await Eventually.Holds(() => Directory.Exists(home) && File.Exists(Path.Combine(home, "started")));
            await old.NextAsync(m => m.MessageType == MessageTypes.Stream);
            await before.DisposeAsync();
            await File.WriteAllTextAsync(Path.Combine(home, "gone"), "");
            await Eventually.Holds(() => File.Exists(Path.Combine(home, "said")));
            await old.Closed;
            Assert.Equal(1012, old.CloseCode);
            await old.DisposeAsync();

            await using KernelHub after = await KernelHub.StartWithProcessesAsync(data, settings: recorded);
            JsonElement found = Assert.Single((await after.Client.GetFromJsonAsync<JsonElement>("api/sessions")).EnumerateArray());
            Assert.Equal(model.GetProperty("id").GetString(), found.GetProperty("id").GetString());
            await using BrowserTab tab = await after.OpenTabAsync(id, session);
            Assert.Equal("busy", await after.StateOfAsync(id));
            await File.WriteAllTextAsync(Path.Combine(home, "go"), "");
            await tab.DoneAsync(running);
            Assert.Equal("meanwhile\nsurvived 7\n", tab.TextOf(running));
            Assert.Equal(seen, (await tab.RunToEndAsync("x"))[0].Session);
            Assert.Equal(HttpStatusCode.NoContent, (await after.Client.DeleteAsync($"api/kernels/{id}")).StatusCode);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task A_page_loaded_while_a_cell_runs_gets_the_state_of_widgets_within_a_second()
    {
        await using KernelHub hub = await KernelHub.StartWithProcessesAsync();
        string id = await hub.StartKernelAsync("python3");
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        // As ipywidgets 8 does it; the one of Debian is too old for the front ends of today.
        IReadOnlyList<KernelMessage> made = await tab.RunToEndAsync("""
            import time
            from ipykernel.comm import Comm
            model = {'_model_name': 'ImageModel', '_model_module': '@jupyter-widgets/controls', '_model_module_version': '2.0.0', 'width': '1'}
            widget = Comm(target_name='jupyter.widget', data={'state': model, 'buffer_paths': [['value']]}, buffers=[b'png'], metadata={'version': '2.1.0'})
            get_ipython().kernel.comm_manager.register_target('jupyter.widget.control', lambda comm, message: None)
            """);
        Assert.DoesNotContain(made, m => m.MessageType == MessageTypes.Error);
        string running = await tab.RunAsync("widget.send({'method': 'update', 'state': {'width': '2'}, 'buffer_paths': []})\nprint('runs')\ntime.sleep(3600)");
        await tab.NextAsync(m => m.ParentMessageId == running && m.MessageType == MessageTypes.Stream);

        await using BrowserTab page = await hub.OpenTabAsync(id);
        long began = TimeProvider.System.GetTimestamp();
        await page.SendAsync(KernelChannel.Shell, MessageTypes.CommOpen, new { comm_id = "ctl", target_name = "jupyter.widget.control", data = new { } });
        string asked = await page.SendAsync(KernelChannel.Shell, MessageTypes.CommMessage, new { comm_id = "ctl", data = new { method = "request_states" } });
        KernelMessage states = await page.NextAsync(m => m.ParentMessageId == asked && m.MessageType == MessageTypes.CommMessage);
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(1));
        JsonElement data = BrowserTab.Content(states).GetProperty("data");
        JsonProperty widget = Assert.Single(data.GetProperty("states").EnumerateObject());
        Assert.Equal(("ImageModel", "2"), (widget.Value.GetProperty("model_name").GetString(), widget.Value.GetProperty("state").GetProperty("width").GetString()));
        Assert.Equal("png"u8.ToArray(), Assert.Single(states.Buffers).ToArray());
        Assert.Equal($"[[\"{widget.Name}\",\"state\",\"value\"]]", data.GetProperty("buffer_paths").GetRawText());
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client.PostAsync($"api/kernels/{id}/interrupt", null)).StatusCode);
        await tab.DoneAsync(running);

        // The kernel's own list agrees.
        string info = await page.SendAsync(KernelChannel.Shell, MessageTypes.CommInfoRequest, new { target_name = "jupyter.widget" });
        await page.DoneAsync(info);
        Assert.Equal(widget.Name, Assert.Single(BrowserTab.Content(page.Of(info).Single(m => m.MessageType == MessageTypes.CommInfoReply)).GetProperty("comms").EnumerateObject()).Name);
    }

    private static async Task<bool> HeardAsync(Recorder recorder, string kernelId, string messageId)
    {
        await using RecorderFeed feed = await recorder.OpenAsync(kernelId, messageId, default);
        return feed.Beginning == FeedBeginning.Seamless;
    }
}
