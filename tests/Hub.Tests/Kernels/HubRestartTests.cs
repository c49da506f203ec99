using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hub.Journal.Recording;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>What tabs find when the hub was killed or restarted under them, while their kernel ran on.</summary>
public sealed partial class HubRestartTests : IAsyncDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("hub-test-").FullName;
    private readonly FakeSpawner _spawner = new();
    private RecorderServer? _recorder;

    public HubRestartTests() => _recorder = RecorderServer.Start(_data, new RecorderOptions(), TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _spawner.DisposeAsync();
        await LoseRecorderAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_that_knows_its_number_goes_on_exactly(bool killed)
    {
        KernelHub before = await StartAsync();
        string id = await StartKernelAsync(before);
        await using BrowserTab old = await before.OpenTabAsync(id, seq: 0);
        string request = await old.RunAsync("echo a\nprint 100\nsleep\necho b");
        await old.NextAsync(m => Text(m) == "line 99\n");
        long has = BrowserTab.SeqOf(old.Messages.First(m => Text(m) == "line 49\n"));
        await EndAsync(before, killed);
        Assert.Equal(killed ? old.CloseCode : 1012, old.CloseCode);

        await using KernelHub after = await StartAsync();
        await using BrowserTab page = await after.OpenTabAsync(id, old.Session, seq: has);
        await using BrowserTab other = await after.OpenTabAsync(id, seq: has);
        Assert.Equal("busy", await after.StateOfAsync(id));
        _spawner.KernelOf(id).Release();
        await page.DoneAsync(request);
        string rest = string.Concat(Enumerable.Range(50, 50).Select(i => $"line {i}\n")) + "b\n";
        Assert.Equal(rest, page.TextOf(request));
        Assert.Single(page.Of(request), m => m.MessageType == MessageTypes.ExecuteReply);
        await other.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
        Assert.Equal(rest, other.TextOf(request));
        Assert.DoesNotContain(other.Of(request), m => m.MessageType == MessageTypes.ExecuteReply);
        // Numbers go on where they stopped.
        Assert.True(BrowserTab.SeqOf(page.Messages[^1]) > old.LastSeq);
        Assert.Equal(page.Messages.Select(BrowserTab.SeqOf).Order().Distinct(), page.Messages.Select(BrowserTab.SeqOf));
        await page.RunToEndAsync("1+1");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_without_number_sees_nothing_twice_and_is_answered(bool killed)
    {
        KernelHub before = await StartAsync();
        string id = await StartKernelAsync(before);
        await using BrowserTab old = await before.OpenTabAsync(id);
        string request = await old.RunAsync("echo a\nsleep\necho b");
        await old.NextAsync(m => Text(m) == "a\n");
        await EndAsync(before, killed);
        await using KernelHub after = await StartAsync();
        await using BrowserTab page = await after.OpenTabAsync(id, old.Session);
        _spawner.KernelOf(id).Release();
        await page.DoneAsync(request);
        Assert.Equal("b\n", page.TextOf(request));
    }

    [Fact]
    public async Task After_an_orderly_restart_also_a_page_that_was_away_goes_on_where_it_was()
    {
        KernelHub before = await StartAsync();
        string id = await StartKernelAsync(before);
        BrowserTab old = await before.OpenTabAsync(id);
        string request = await old.RunAsync("echo a\nsleep\necho b");
        await old.NextAsync(m => Text(m) == "a\n");
        old.Abort();
        await Eventually.Holds(async () => (await before.KernelAsync(id)).GetProperty("connections").GetInt32() == 0);
        _spawner.KernelOf(id).Release();
        await Eventually.Holds(async () => await before.StateOfAsync(id) == "idle");
        await before.DisposeAsync();

        await using KernelHub after = await StartAsync();
        await using BrowserTab page = await after.OpenTabAsync(id, old.Session);
        await page.DoneAsync(request);
        Assert.Equal("b\n", page.TextOf(request));
        await old.DisposeAsync();
    }

    [Fact]
    public async Task A_cell_that_ended_while_no_hub_was_there_ends_for_its_page_too()
    {
        KernelHub before = await StartAsync();
        string id = await StartKernelAsync(before);
        await using BrowserTab old = await before.OpenTabAsync(id, seq: 0);
        string request = await old.RunAsync("echo a\nsleep\necho b");
        string queued = await old.RunAsync("echo c");
        await old.NextAsync(m => Text(m) == "a\n");
        await _spawner.KernelOf(id).Asked(MessageTypes.ExecuteRequest, 2);
        await before.KillAsync();
        _spawner.KernelOf(id).Release();

        await using KernelHub after = await StartAsync();
        await using BrowserTab page = await after.OpenTabAsync(id, old.Session, seq: old.LastSeq);
        foreach (string each in new[] { request, queued })
        {
            await page.DoneAsync(each);
            Assert.Equal(each == request ? "b\n" : "c\n", page.TextOf(each));
            KernelMessage reply = page.Of(each).Single(m => m.MessageType == MessageTypes.ExecuteReply);
            Assert.True(JsonDocument.Parse(reply.Metadata).RootElement.GetProperty("hub_synthesised").GetBoolean());
        }

        await page.RunToEndAsync("1+1");
        JsonElement all = await after.Client.GetFromJsonAsync<JsonElement>($"api/kernels/{id}/executions?outputs=true");
        Assert.DoesNotContain(all.GetProperty("executions").EnumerateArray(), e => e.GetProperty("state").GetString() is "queued" or "running");
        Assert.Equal("a\nb\n", all.GetProperty("executions")[0].GetProperty("outputs")[0].GetProperty("text").GetString());
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task What_was_said_while_no_hub_was_there_comes_once_and_in_order(bool killed, bool knowsNumber)
    {
        KernelHub before = await StartAsync();
        string id = await StartKernelAsync(before);
        await using BrowserTab old = await before.OpenTabAsync(id, seq: knowsNumber ? 0 : null);
        string request = await old.RunAsync("echo a\nsleep\nprint 400\nsleep\necho b");
        await old.NextAsync(m => Text(m) == "a\n");
        await EndAsync(before, killed);
        _spawner.KernelOf(id).Release();
        await _spawner.KernelOf(id).Asleep(2);

        await using KernelHub after = await StartAsync();
        await using BrowserTab page = await after.OpenTabAsync(id, old.Session, seq: knowsNumber ? old.LastSeq : null);
        _spawner.KernelOf(id).Release();
        await page.DoneAsync(request);
        Assert.Equal(string.Concat(Enumerable.Range(0, 400).Select(i => $"line {i}\n")) + "b\n", page.TextOf(request));
        JsonElement all = await after.Client.GetFromJsonAsync<JsonElement>($"api/kernels/{id}/executions?outputs=true");
        Assert.StartsWith("a\nline 0\n", all.GetProperty("executions")[0].GetProperty("outputs")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_third_hub_finds_what_was_said_after_the_second_died_too()
    {
        KernelHub hub = await StartAsync();
        string id = await StartKernelAsync(hub);
        await using BrowserTab first = await hub.OpenTabAsync(id, seq: 0);
        string request = await first.RunAsync(string.Concat(Enumerable.Repeat("sleep\nprint 100\n", 4)) + "sleep");
        await first.NextAsync(m => m.MessageType == MessageTypes.ExecuteInput);
        (string text, long seq) = ("", first.LastSeq);
        for (int death = 1; death <= 4; death++)
        {
            await hub.KillAsync();
            _spawner.KernelOf(id).Release();
            await _spawner.KernelOf(id).Asleep(death + 1);
            hub = await StartAsync();
            await using BrowserTab page = await hub.OpenTabAsync(id, first.Session, seq: seq);
            await page.NextAsync(m => Text(m)?.EndsWith("line 99\n", StringComparison.Ordinal) == true);
            (text, seq) = (text + page.TextOf(request), page.LastSeq);
        }

        await using (hub)
        {
            Assert.StartsWith(string.Concat(Enumerable.Repeat(string.Concat(Enumerable.Range(0, 100).Select(i => $"line {i}\n")), 4)), text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_nobody_heard_the_kernel_meanwhile_its_cell_says_so_once()
    {
        KernelHub before = await StartAsync();
        string id = await StartKernelAsync(before);
        await using BrowserTab old = await before.OpenTabAsync(id, seq: 0);
        string request = await old.RunAsync("echo a\nsleep\nprint 10\nsleep\necho b");
        await old.NextAsync(m => Text(m) == "a\n");
        await before.KillAsync();
        await LoseRecorderAsync();
        _spawner.KernelOf(id).Release();
        await _spawner.KernelOf(id).Asleep(2);
        _recorder = RecorderServer.Start(_data, new RecorderOptions(), TimeProvider.System);

        await using KernelHub after = await StartAsync();
        await using BrowserTab page = await after.OpenTabAsync(id, old.Session, seq: old.LastSeq);
        _spawner.KernelOf(id).Release();
        await page.DoneAsync(request);
        string text = page.TextOf(request);
        Assert.EndsWith("b\n", text, StringComparison.Ordinal);
        Assert.Single(page.Of(request), m => Text(m)?.Contains("output may be missing", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(131_072)]
    public async Task What_a_recorder_could_not_keep_is_counted_and_its_cell_names_the_limit_once(long spill)
    {
        await LoseRecorderAsync();
        _recorder = RecorderServer.Start(_data, new RecorderOptions { BytesPerKernel = 65_536, SpillBytes = spill }, TimeProvider.System);
        KernelHub before = await StartAsync();
        string id = await StartKernelAsync(before);
        await using BrowserTab old = await before.OpenTabAsync(id, seq: 0);
        string request = await old.RunAsync("echo a\nsleep" + string.Concat(Enumerable.Repeat("\ndisplay 20000", 60)) + "\necho b\nsleep\necho c");
        await old.NextAsync(m => Text(m) == "a\n");
        // The recorder has been told that all so far is in the journal: what follows has nothing missing before it.
        await TrimmedAsync(before, id, old.Messages.Last(m => m.Channel == KernelChannel.IOPub && m.MessageType == MessageTypes.ExecuteInput).MessageId);
        await before.KillAsync();
        _spawner.KernelOf(id).Release();
        await _spawner.KernelOf(id).Asleep(2);

        await using KernelHub after = await StartAsync();
        await using BrowserTab page = await after.OpenTabAsync(id, old.Session, seq: old.LastSeq);
        _spawner.KernelOf(id).Release();
        await page.DoneAsync(request);
        Assert.EndsWith("b\nc\n", Notices().Replace(page.TextOf(request), ""), StringComparison.Ordinal);
        string[] told = [.. page.Of(request).Select(Text).OfType<string>().Where(text => text.Contains("output may be missing", StringComparison.Ordinal))];
        int kept = page.Of(request).Count(m => m.MessageType == MessageTypes.DisplayData);
        Assert.InRange(kept, 0, 59);
        // Once; and once more at the end if the recorder was so late that it still heard, and dropped, while it was read.
        Assert.InRange(told.Length, 1, 2);
        int lost = told.Sum(text => int.Parse(LostMessages().Match(text).Groups[1].Value, CultureInfo.InvariantCulture));
        // A hub that is killed may not have told the recorder yet of the last few that it has itself. What a late recorder drops when the cell is over is in the log alone.
        Assert.InRange(lost, told.Length == 2 ? 60 - kept : 1, 63 - kept);
        // The kernel and what it says next are as if nothing had happened.
        await page.RunToEndAsync("1+1");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_input_that_waited_is_answered_after_the_restart(bool samePage)
    {
        KernelHub before = await StartAsync();
        string id = await StartKernelAsync(before);
        await using BrowserTab old = await before.OpenTabAsync(id);
        string request = await old.RunAsync("input name?");
        await old.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        await before.KillAsync();

        await using KernelHub after = await StartAsync();
        await using BrowserTab page = await after.OpenTabAsync(id, samePage ? old.Session : null);
        KernelMessage prompt = await page.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        await page.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "Ada" }, prompt);
        await page.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
        Assert.Equal("Ada\n", page.TextOf(request));
    }

    [Fact]
    public async Task What_people_type_into_a_prompt_is_in_no_journal()
    {
        await using KernelHub hub = await StartAsync();
        string id = await StartKernelAsync(hub);
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string request = await tab.RunAsync("password secret?\nsleep");
        KernelMessage prompt = await tab.NextAsync(m => m.MessageType == MessageTypes.InputRequest);
        await tab.SendAsync(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "hunter-2-" + request }, prompt);
        await tab.NextAsync(m => m.MessageType == MessageTypes.Stream);
        await Eventually.Holds(() => Segments(id).Contains("input_reply", StringComparison.Ordinal));
        Assert.DoesNotContain("\"value\"", Segments(id), StringComparison.Ordinal);
        _spawner.KernelOf(id).Release();
        await tab.DoneAsync(request);
    }

    private string Segments(string id) => string.Concat(Directory.GetFiles(Path.Combine(_data, "journal", id), "*.seg").Select(ReadShared));

    private static string ReadShared(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private static string? Text(KernelMessage message) => message.MessageType == MessageTypes.Stream ? BrowserTab.Content(message).GetProperty("text").GetString() : null;

    private static async Task EndAsync(KernelHub hub, bool killed)
    {
        if (killed)
            await hub.KillAsync();
        else
            await hub.DisposeAsync();
    }

    /// <summary>Waits until the recorder has let go of this message, as it does of what the journal has.</summary>
    private static async Task TrimmedAsync(KernelHub hub, string kernelId, string messageId)
    {
        Recorder recorder = hub.Hub.Services.GetRequiredService<Recorder>();
        await Eventually.Holds(async () =>
        {
            await using RecorderFeed feed = await recorder.OpenAsync(kernelId, messageId, default);
            return feed.Beginning == FeedBeginning.Gap;
        });
    }

    /// <summary>One the recorder hears: a hub does not wait for that.</summary>
    private async Task<string> StartKernelAsync(KernelHub hub)
    {
        string id = await hub.StartKernelAsync();
        if (_recorder is { } recorder)
            await Eventually.Holds(() => recorder.Hears(id));
        return id;
    }

    [GeneratedRegex(@"\[notebook hub\] [^\n]*\n")]
    private static partial Regex Notices();

    [GeneratedRegex(@" (\d+) (?:more )?message\(s\) were more than the recorder keeps \(Recorder:SpillBytes\)")]
    private static partial Regex LostMessages();

    private async Task LoseRecorderAsync()
    {
        if (_recorder is not null)
            await _recorder.DisposeAsync();
        _recorder = null;
    }

    private Task<KernelHub> StartAsync() => KernelHub.StartAsync(_spawner, _data, "Recorder:Enabled=true");
}
