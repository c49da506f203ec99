using System.Net;
using System.Net.WebSockets;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>A tab that comes back goes on at the exact next message, over real sockets.</summary>
public sealed class ResumeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tab_that_asks_for_numbers_gets_them_in_every_message_and_no_other_byte_changes(bool v1)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab plain = await hub.OpenTabAsync(id);
        await using BrowserTab numbered = await hub.OpenTabAsync(id, v1: v1, seq: 0);
        string request = await numbered.RunAsync("echo one\nwarn two\n1+1");
        await numbered.DoneAsync(request);
        await plain.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));

        long[] numbers = [.. numbered.Messages.Select(BrowserTab.SeqOf)];
        Assert.DoesNotContain(0, numbers);
        Assert.Equal(numbers.Order().Distinct(), numbers);
        Assert.All(plain.Messages, m => Assert.Equal("{}"u8.ToArray(), m.Metadata.ToArray()));
        Assert.Equal(
            plain.Of(request).Select(m => Convert.ToHexString(m.Content.Span)),
            numbered.Of(request).Where(m => m.Channel == KernelChannel.IOPub).Select(m => Convert.ToHexString(m.Content.Span)));
    }

    [Theory]
    // The same page; a page the hub has never seen, whose predecessor tells it where it was.
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tab_that_says_what_it_has_gets_exactly_what_follows(bool same)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        BrowserTab before = await hub.OpenTabAsync(id, seq: 0);
        string request = await before.RunAsync("echo a\nsleep\necho b\nsleep\necho c");
        await before.NextAsync(m => m.MessageType == MessageTypes.Stream);
        hub.Spawner.KernelOf(id).Release();
        await before.NextAsync(m => m.MessageType == MessageTypes.Stream && BrowserTab.Content(m).GetProperty("text").GetString() == "b\n");
        // It had "a" when the network went; "b" was sent but never shown.
        long has = BrowserTab.SeqOf(before.Messages.First(m => m.MessageType == MessageTypes.Stream));
        before.Abort();
        hub.Spawner.KernelOf(id).Release();
        await Eventually.Holds(async () => await hub.StateOfAsync(id) == "idle");

        await using BrowserTab after = await hub.OpenTabAsync(id, same ? before.Session : null, seq: has);
        await after.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
        Assert.Equal("b\nc\n", after.TextOf(request));
        Assert.All(after.Messages, m => Assert.True(BrowserTab.SeqOf(m) > has));
        // The reply is for the page that asked, and nobody else.
        await after.RunToEndAsync("1+1");
        Assert.Equal(same, after.Of(request).Any(m => m.MessageType == MessageTypes.ExecuteReply));
        await before.DisposeAsync();
    }

    [Fact]
    public async Task Requests_of_a_dead_connection_are_answered_when_it_is_back_on_all_channels()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        string session = Guid.NewGuid().ToString();
        await using BrowserTab before = await hub.OpenTabAsync(id, session);
        string running = await before.RunAsync("sleep\necho done");
        string queued = await before.RunAsync("echo queued");
        await hub.Spawner.KernelOf(id).Asked(MessageTypes.ExecuteRequest, 2);
        string control = await before.SendAsync(KernelChannel.Control, MessageTypes.KernelInfoRequest, new { });
        before.Abort();
        await Eventually.Holds(async () => (await hub.KernelAsync(id)).GetProperty("connections").GetInt32() == 0);
        hub.Spawner.KernelOf(id).Release();
        await Eventually.Holds(async () => await hub.StateOfAsync(id) == "idle");

        await using BrowserTab after = await hub.OpenTabAsync(id, session);
        foreach (string request in new[] { running, queued })
            await after.DoneAsync(request);
        Assert.Equal("done\n", after.TextOf(running));
        Assert.Equal("queued\n", after.TextOf(queued));
        // Whether the page had it before it went, the hub cannot know of a page that counts nothing: then it comes again.
        bool hadIt = before.Of(control).Any(m => m.MessageType == MessageTypes.KernelInfoReply);
        Assert.InRange(after.Of(control).Count(m => m.MessageType == MessageTypes.KernelInfoReply), hadIt ? 0 : 1, 1);
    }

    [Theory]
    [InlineData(KernelChannel.Control, MessageTypes.KernelInfoRequest, MessageTypes.KernelInfoReply)]
    [InlineData(KernelChannel.Shell, MessageTypes.ExecuteRequest, MessageTypes.ExecuteReply)]
    public async Task An_answer_that_was_lost_with_its_connection_comes_again_and_no_output_twice(KernelChannel channel, string type, string replyType)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        string session = Guid.NewGuid().ToString();
        await using BrowserTab other = await hub.OpenTabAsync(id);
        // The network takes what the hub says and never brings it.
        await using BrowserTab deaf = await hub.OpenTabAsync(id, session, read: false);
        string asked = await deaf.SendAsync(channel, type, new { code = "echo once", allow_stdin = false });
        await other.NextAsync(m => m.ParentMessageId == asked && BrowserTab.IsStatus(m, "idle"));
        await other.RunToEndAsync("echo more");
        deaf.Abort();
        await Eventually.Holds(async () => (await hub.KernelAsync(id)).GetProperty("connections").GetInt32() == 1);

        for (int again = 0; again < 2; again++)
        {
            await using BrowserTab back = await hub.OpenTabAsync(id, session);
            await back.DoneAsync(asked);
            string next = await back.RunAsync($"echo {again}");
            await back.DoneAsync(next);
            Assert.Single(back.Of(asked), m => m.MessageType == replyType);
            Assert.DoesNotContain(back.Messages, m => m.MessageType == MessageTypes.Stream && m.ParentMessageId != next);
        }
    }

    [Fact]
    public async Task A_tab_that_returns_again_and_again_misses_nothing_and_sees_nothing_twice()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab asker = await hub.OpenTabAsync(id);
        string session = Guid.NewGuid().ToString();
        List<KernelMessage> seen = [];
        long last = 0;
        const int cells = 20;
        for (int cell = 0; cell < cells; cell++)
        {
            await using BrowserTab tab = await hub.OpenTabAsync(id, session, v1: cell % 2 == 0, seq: last);
            string request = await asker.RunAsync($"print 50\necho cell {cell}");
            // It vanishes at any moment of the cell, once it knows a number at all.
            int enough = 1 + (cell % 4);
            await Eventually.Holds(() => tab.Messages.Count >= enough);
            tab.Abort();
            IReadOnlyList<KernelMessage> got = tab.Messages;
            seen.AddRange(got);
            last = Math.Max(last, got.Select(BrowserTab.SeqOf).DefaultIfEmpty(0).Max());
            await asker.DoneAsync(request);
        }

        await using BrowserTab end = await hub.OpenTabAsync(id, session, seq: last);
        await asker.RunAsync("echo end");
        await end.NextAsync(m => m.MessageType == MessageTypes.Stream && BrowserTab.Content(m).GetProperty("text").GetString() == "end\n");
        seen.AddRange(end.Messages);
        string all = string.Concat(seen.Where(m => m.MessageType == MessageTypes.Stream).Select(m => BrowserTab.Content(m).GetProperty("text").GetString()));
        string lines = string.Concat(Enumerable.Range(0, 50).Select(i => $"line {i}\n"));
        Assert.Equal(string.Concat(Enumerable.Range(0, cells).Select(cell => $"{lines}cell {cell}\n")) + "end\n", all);
    }

    [Fact]
    public async Task An_input_that_waited_when_the_tab_vanished_asks_again_when_it_is_back()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        string session = Guid.NewGuid().ToString();
        await using BrowserTab before = await hub.OpenTabAsync(id, session);
        string request = await before.RunAsync("input name?");
        await before.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        before.Abort();
        await Eventually.Holds(async () => (await hub.KernelAsync(id)).GetProperty("connections").GetInt32() == 0);

        await using BrowserTab after = await hub.OpenTabAsync(id, session);
        KernelMessage prompt = await after.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        Assert.Equal(request, prompt.ParentMessageId);
        await after.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "Ada" }, prompt);
        await after.DoneAsync(request);
        Assert.Equal("Ada\n", after.TextOf(request));
        Assert.Single(after.Messages, m => m.MessageType == MessageTypes.InputRequest);
    }

    [Fact]
    public async Task A_tab_that_says_it_has_the_prompt_is_not_asked_twice_and_may_still_answer()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab before = await hub.OpenTabAsync(id, seq: 0);
        string request = await before.RunAsync("input name?");
        KernelMessage prompt = await before.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        before.Abort();
        await using BrowserTab after = await hub.OpenTabAsync(id, before.Session, seq: before.LastSeq);
        await after.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "Ada" }, prompt);
        await after.DoneAsync(request);
        Assert.Equal("Ada\n", after.TextOf(request));
        Assert.DoesNotContain(after.Messages, m => m.MessageType == MessageTypes.InputRequest);
    }

    [Fact]
    public async Task A_prompt_another_tab_answered_is_not_shown_to_the_one_that_comes_back()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab before = await hub.OpenTabAsync(id, seq: 0);
        string request = await before.RunAsync("sleep\ninput name?");
        await before.NextAsync(m => m.MessageType == MessageTypes.ExecuteInput);
        before.Abort();
        await Eventually.Holds(async () => (await hub.KernelAsync(id)).GetProperty("connections").GetInt32() == 0);
        hub.Spawner.KernelOf(id).Release();
        await using BrowserTab other = await hub.OpenTabAsync(id);
        KernelMessage prompt = await other.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        await other.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "Eve" }, prompt);
        await other.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));

        await using BrowserTab after = await hub.OpenTabAsync(id, before.Session, seq: before.LastSeq);
        await after.DoneAsync(request);
        Assert.Equal("Eve\n", after.TextOf(request));
        Assert.DoesNotContain(after.Messages, m => m.MessageType == MessageTypes.InputRequest);
    }

    [Fact]
    public async Task What_the_journal_no_longer_holds_is_said_with_its_numbers()
    {
        await using KernelHub hub = await KernelHub.StartAsync(null, null, "Journal:OnDisk=false", "Journal:UnwrittenBytes=65536");
        string id = await hub.StartKernelAsync();
        await using BrowserTab before = await hub.OpenTabAsync(id, seq: 0);
        await before.RunToEndAsync("1+1");
        before.Abort();
        await using BrowserTab other = await hub.OpenTabAsync(id);
        string request = await other.RunAsync("display 30000\ndisplay 30000\ndisplay 30000\necho end");
        await other.DoneAsync(request);
        await using BrowserTab after = await hub.OpenTabAsync(id, before.Session, seq: before.LastSeq);
        await after.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
        Assert.Contains($"numbers {before.LastSeq + 1} to ", after.TextOf(request), StringComparison.Ordinal);
        Assert.Contains("executions", after.TextOf(request), StringComparison.Ordinal);
        Assert.EndsWith("end\n", after.TextOf(request), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("99999999999999999999")]
    public async Task A_number_that_is_none_is_refused(string seq)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        using ClientWebSocket socket = new();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Authorization", $"token {HubFixture.AdminToken}");
        UriBuilder url = new(hub.Channels(id)) { Scheme = "ws", Query = $"session_id=s&seq={seq}" };
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(url.Uri, CancellationToken.None));
        Assert.Equal(HttpStatusCode.BadRequest, socket.HttpStatusCode);
    }

    [Fact]
    public async Task A_number_from_another_life_begins_now()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id, seq: 1_000_000);
        Assert.InRange(BrowserTab.SeqOf((await tab.RunToEndAsync("1+1"))[0]), 1, 1_000);
    }
}
