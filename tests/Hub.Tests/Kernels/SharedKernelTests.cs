using System.Text.Json;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>Several tabs on one live kernel, over real sockets on both sides.</summary>
public sealed class SharedKernelTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tab_runs_code_in_either_framing(bool v1)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id, v1: v1);
        Assert.Equal(v1 ? WebSocketV1Codec.SubProtocol : null, tab.SubProtocol);

        IReadOnlyList<KernelMessage> all = await tab.RunToEndAsync("echo hello\n1+1");
        Assert.Equal("hello\n", tab.TextOf(all[0].ParentMessageId));
        Assert.Contains(all, m => m.MessageType == MessageTypes.ExecuteResult && BrowserTab.Content(m).GetProperty("data").GetProperty("text/plain").GetString() == "2");
        Assert.Equal("idle", await hub.StateOfAsync(id));
    }

    [Fact]
    public async Task A_newcomer_to_a_busy_kernel_learns_that_it_is()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab first = await hub.OpenTabAsync(id);
        string request = await first.RunAsync("sleep");
        await first.NextAsync(m => m.MessageType == MessageTypes.ExecuteInput);
        await using BrowserTab newcomer = await hub.OpenTabAsync(id);
        await newcomer.NextAsync(m => BrowserTab.IsStatus(m, "busy"));
        hub.Spawner.KernelOf(id).Release();
        await newcomer.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
        await first.DoneAsync(request);
        Assert.DoesNotContain(first.Messages, m => m.ParentMessageId.Length == 0 && BrowserTab.IsStatus(m, "busy"));
    }

    [Fact]
    public async Task Output_reaches_every_tab_and_a_reply_only_the_one_that_asked()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab first = await hub.OpenTabAsync(id);
        await using BrowserTab second = await hub.OpenTabAsync(id, v1: false);

        string request = await first.RunAsync("echo shared");
        await first.DoneAsync(request);
        await second.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
        Assert.Equal("shared\n", second.TextOf(request));
        // Whatever would have come after it shows that nothing more comes for the first request.
        await second.RunToEndAsync("echo mine");
        Assert.DoesNotContain(second.Of(request), m => m.Channel == KernelChannel.Shell);
        Assert.Equal(2, (await hub.KernelAsync(id)).GetProperty("connections").GetInt32());
    }

    [Fact]
    public async Task All_tabs_share_one_set_of_sockets()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab first = await hub.OpenTabAsync(id);
        await using BrowserTab second = await hub.OpenTabAsync(id);
        IReadOnlyList<KernelMessage> mine = await first.RunToEndAsync("echo 1");
        IReadOnlyList<KernelMessage> theirs = await second.RunToEndAsync("echo 2");
        // One identity at the kernel: the second tab neither made a connection of its own nor took the first one's over.
        Assert.Equal(mine[0].Session, theirs[0].Session);
        await first.RunToEndAsync("echo 3");
    }

    [Fact]
    public async Task The_kernel_hears_the_signed_in_user_whatever_the_tab_claims()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        KernelMessage forged = KernelMessage.Create(
            KernelChannel.Shell, MessageTypes.ExecuteRequest, JsonSerializer.SerializeToUtf8Bytes(new { code = "1+1" }), tab.Session, TimeProvider.System, messageId: "m-1", userName: "somebody-else");
        await tab.SendAsync(forged);
        await tab.DoneAsync("m-1");
        Assert.Equal("admin", (await hub.Spawner.KernelOf(id).Asked(MessageTypes.ExecuteRequest)).HeaderFields.UserName);
    }

    [Fact]
    public async Task A_prompt_goes_to_the_tab_that_ran_the_cell_and_is_answered_once()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab asker = await hub.OpenTabAsync(id);
        await using BrowserTab newer = await hub.OpenTabAsync(id);

        string request = await asker.RunAsync("input name?");
        KernelMessage prompt = await asker.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        // A stranger's answer would be taken by the kernel; the hub must not pass it on.
        await newer.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "intruder" }, prompt);
        await newer.NextAsync(m => m.MessageType == MessageTypes.Stream && BrowserTab.Content(m).GetProperty("text").GetString()!.Contains("asked this tab nothing", StringComparison.Ordinal));
        await asker.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "Ada" }, prompt);
        await asker.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "twice" }, prompt);
        await asker.DoneAsync(request);

        Assert.Equal("Ada\n", asker.TextOf(request));
        Assert.DoesNotContain(newer.Messages, m => m.MessageType == MessageTypes.InputRequest);
        Assert.Single(hub.Spawner.KernelOf(id).Received, m => m.MessageType == MessageTypes.InputReply);
    }

    [Fact]
    public async Task A_prompt_moves_to_another_tab_of_the_owner_when_its_tab_leaves()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab asker = await hub.OpenTabAsync(id);
        await using BrowserTab other = await hub.OpenTabAsync(id);
        string request = await asker.RunAsync("input name?");
        await asker.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        await asker.CloseAsync();

        KernelMessage prompt = await other.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        await other.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "heir" }, prompt);
        await other.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
        Assert.Equal("heir\n", other.TextOf(request));
    }

    [Fact]
    public async Task A_returning_tab_finds_what_it_missed_in_order_and_once()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        string session = Guid.NewGuid().ToString();
        await using BrowserTab before = await hub.OpenTabAsync(id, session);
        await using BrowserTab watcher = await hub.OpenTabAsync(id);
        string request = await before.RunAsync("echo early\nsleep\nprint 500\necho late");
        await before.NextAsync(m => m.MessageType == MessageTypes.Stream);
        before.Abort();
        await Eventually.Holds(async () => (await hub.KernelAsync(id)).GetProperty("connections").GetInt32() == 1);

        hub.Spawner.KernelOf(id).Release();
        await watcher.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
        await using BrowserTab after = await hub.OpenTabAsync(id, session);
        await after.DoneAsync(request);
        string expected = string.Concat(Enumerable.Range(0, 500).Select(i => $"line {i}\n")) + "late\n";
        Assert.Equal(expected, after.TextOf(request));
        Assert.DoesNotContain(watcher.Of(request), m => m.Channel == KernelChannel.Shell);
    }

    [Fact]
    public async Task A_second_connection_of_the_same_tab_takes_the_place_of_the_first()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        string session = Guid.NewGuid().ToString();
        await using BrowserTab old = await hub.OpenTabAsync(id, session);
        string request = await old.RunAsync("sleep\necho done");
        await hub.Spawner.KernelOf(id).Asked(MessageTypes.ExecuteRequest);
        await using BrowserTab young = await hub.OpenTabAsync(id, session);
        await old.Closed;
        // Front ends come back after any other code, and the two would take turns for ever.
        Assert.Equal(1000, old.CloseCode);
        hub.Spawner.KernelOf(id).Release();
        await young.DoneAsync(request);
        Assert.Equal("done\n", young.TextOf(request));
        await Eventually.Holds(async () => (await hub.KernelAsync(id)).GetProperty("connections").GetInt32() == 1);
    }

    [Fact]
    public async Task A_kernel_that_echoes_sessions_shows_every_tab_one_constant_session()
    {
        await using FakeSpawner like = new() { Options = FakeKernelOptions.LikeR };
        await using KernelHub hub = await KernelHub.StartAsync(like);
        string id = await hub.StartKernelAsync();
        await using BrowserTab first = await hub.OpenTabAsync(id);
        await using BrowserTab second = await hub.OpenTabAsync(id, v1: false);
        string a = await first.RunAsync("echo a");
        string b = await second.RunAsync("echo b");
        foreach (BrowserTab tab in new[] { first, second })
        {
            await tab.NextAsync(m => m.ParentMessageId == a && BrowserTab.IsStatus(m, "idle"));
            await tab.NextAsync(m => m.ParentMessageId == b && BrowserTab.IsStatus(m, "idle"));
        }

        Assert.Single(first.Messages.Concat(second.Messages).Select(m => m.Session).Distinct());
        Assert.All(first.Of(a), m => Assert.Equal(first.Session, m.ParentSession));
    }

    [Fact]
    public async Task Cells_aborted_without_a_status_still_end_for_their_tab()
    {
        await using FakeSpawner like = new() { Options = FakeKernelOptions.LikeR };
        await using KernelHub hub = await KernelHub.StartAsync(like);
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string failing = await tab.RunAsync("sleep\nraise Oops nothing");
        string queued = await tab.RunAsync("echo never");
        await like.KernelOf(id).Asked(MessageTypes.ExecuteRequest, 2);
        like.KernelOf(id).Release();
        await tab.DoneAsync(failing);
        await tab.DoneAsync(queued);
    }

    [Fact]
    public async Task A_forbidden_prompt_is_answered_by_the_hub_with_an_empty_line()
    {
        await using FakeSpawner like = new() { Options = FakeKernelOptions.LikeR };
        await using KernelHub hub = await KernelHub.StartAsync(like);
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string request = await tab.RunAsync("input name?", allowStdin: false);
        await tab.DoneAsync(request);
        Assert.Equal("\n", tab.TextOf(request));
        Assert.DoesNotContain(tab.Messages, m => m.MessageType == MessageTypes.InputRequest);
    }

    [Fact]
    public async Task Buffers_pass_unchanged_in_both_framings()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab first = await hub.OpenTabAsync(id);
        await using BrowserTab second = await hub.OpenTabAsync(id, v1: false);
        string request = await first.RunAsync("display 0 3 70000");
        foreach (BrowserTab tab in new[] { first, second })
        {
            KernelMessage display = await tab.NextAsync(m => m.ParentMessageId == request && m.MessageType == MessageTypes.DisplayData);
            Assert.Equal([0, 3, 70000], display.Buffers.Select(buffer => buffer.Length));
            Assert.Equal(Enumerable.Range(0, 70000).Select(i => (byte)i), display.Buffers[2].ToArray());
        }
    }
}
