using System.Diagnostics;
using System.Net.WebSockets;
using Testing;
using Xunit;

namespace Hub.Tests.Terminals;

/// <summary>Floods, slow pages, hostile pages: nothing grows, nobody else waits.</summary>
public sealed class TerminalFloodTests
{
    [Fact]
    public async Task A_flood_takes_bounded_memory_hurts_no_other_terminal_and_is_stopped_by_a_key()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync("Terminals:ScrollbackBytes=65536");
        string name = await hub.OpenTerminalAsync(), other = await hub.OpenTerminalAsync();
        TerminalPage page = await hub.OpenPageAsync(name);
        await using TerminalPage calm = await hub.OpenPageAsync(other);
        await page.TypeAsync("yes 0123456789012345678901234567890123456789\n");
        await Eventually.Holds(() => hub.Terminal(name).Scrollback.End > 10_000_000);
        // A page that reads misses nothing, however fast it comes.
        Assert.DoesNotContain("left out", page.Shown, StringComparison.Ordinal);
        await using TerminalPage stalled = await hub.OpenPageAsync(name, read: false);
        long joined = hub.Terminal(name).Scrollback.End;
        await Eventually.Holds(() => hub.Terminal(name).Scrollback.End > joined + 20_000_000);
        Assert.InRange(hub.Terminal(name).Scrollback.Snapshot().Text.Length, 1, 65536);
        long began = Stopwatch.GetTimestamp();
        await calm.RunAsync("echo calm-$((1+1))", "calm-2");
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 10);
        await page.TypeAsync("\u0003");
        await page.RunAsync("echo over-$((20+1))", "over-21");
        // The other one is told how much it missed, and goes on.
        stalled.Resume();
        await stalled.ShowsAsync("over-21");
        Assert.Contains("bytes of output left out", stalled.Shown, StringComparison.Ordinal);
        await page.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_page_a_flood_goes_on_at_its_pace_and_the_end_of_it_is_kept()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync("Terminals:OutputBytesPerSecond=1000000", "Terminals:ScrollbackBytes=65536");
        string name = await hub.OpenTerminalAsync();
        await using (TerminalPage page = await hub.OpenPageAsync(name))
            await page.RunAsync("seq 1 300000; echo done-$((1+1))", "\r\n100\r\n");
        long began = Stopwatch.GetTimestamp();
        await Eventually.Holds(() => hub.Terminal(name).Scrollback.Snapshot().Text.AsSpan().IndexOf("done-2"u8) >= 0);
        // 2.3 MB at 1 MB/s, less the burst at the beginning.
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1, 30);
        await using TerminalPage later = await hub.OpenPageAsync(name);
        string shown = await later.ShowsAsync("done-2");
        Assert.Contains("299999\r\n300000\r\n", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\uFFFD", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_byte_of_much_text_arrives_in_order()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        await using TerminalPage page = await hub.OpenPageAsync(await hub.OpenTerminalAsync());
        await page.RunAsync("for i in $(seq 1 40000); do echo \"€-$i-😀\"; done; echo end-$((1+1))", "end-2");
        string expected = string.Concat(Enumerable.Range(1, 40_000).Select(i => $"€-{i}-😀\r\n"));
        Assert.Contains(expected, page.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_paste_arrives_whole()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        await using TerminalPage page = await hub.OpenPageAsync(await hub.OpenTerminalAsync());
        await page.RunAsync("stty -echo; cat > pasted.txt; echo ready-$((1+1))", "cat >");
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i} €\n"));
        await page.TypeAsync(text);
        await page.TypeAsync("\u0004");
        await page.ShowsAsync("ready-2");
        Assert.Equal(text, await hub.Client.GetStringAsync("files/pasted.txt"));
    }

    [Theory]
    [InlineData("no json", true, 1007)]
    [InlineData("[\"stdin\", 5]", true, 1007)]
    [InlineData("[\"stdin\", \"x\"]", false, 1007)]
    public async Task A_malformed_frame_closes_its_tab_and_no_other(string frame, bool isText, int code)
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        string name = await hub.OpenTerminalAsync();
        await using TerminalPage bad = await hub.OpenPageAsync(name);
        await using TerminalPage good = await hub.OpenPageAsync(name);
        await bad.SendAsync(frame, isText);
        await bad.Closed;
        Assert.Equal(code, bad.CloseCode);
        await good.RunAsync("echo fine-$((1+1))", "fine-2");
    }

    [Fact]
    public async Task Too_long_frames_and_too_many_tabs_are_refused_by_the_name_of_the_limit()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync("Terminals:MaxFrameBytes=2000", "Terminals:MaxTabsPerTerminal=1");
        string name = await hub.OpenTerminalAsync();
        await using TerminalPage page = await hub.OpenPageAsync(name);
        await Eventually.Holds(() => hub.Terminal(name).TabCount == 1);
        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => hub.OpenPageAsync(name));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        await page.TypeAsync(new string('x', 2000));
        await page.Closed;
        Assert.Equal(1009, page.CloseCode);
        Assert.Contains("Terminals:MaxFrameBytes", page.CloseText, StringComparison.Ordinal);
    }
}
