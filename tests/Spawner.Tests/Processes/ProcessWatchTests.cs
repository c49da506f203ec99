using System.Diagnostics;
using Spawner.Processes;
using Testing;
using Xunit;

namespace Spawner.Tests.Processes;

public sealed class ProcessWatchTests
{
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task A_process_that_ended_is_noticed_at_the_next_look_and_one_that_lives_is_left_alone()
    {
        ManualTime time = new();
        ProcessWatch watch = new(time);
        using Process ends = Process.Start("sleep", "1000");
        using Process lives = Process.Start("sleep", "1000");
        try
        {
            Task first = watch.DoubtAsync(ends.Id, CancellationToken.None);
            Task second = watch.DoubtAsync(lives.Id, CancellationToken.None);
            time.Advance(s_round);
            Assert.False(first.IsCompleted);
            ends.Kill();
            await ends.WaitForExitAsync();
            time.Advance(s_round);
            await Eventually.Comes(first);
            Assert.False(second.IsCompleted);
        }
        finally
        {
            lives.Kill();
        }
    }

    [Fact]
    public async Task A_process_that_ended_and_that_nobody_reaps_is_noticed_too()
    {
        ManualTime time = new();
        // The shell becomes the sleep that never waits for its child.
        using Process parent = Process.Start(new ProcessStartInfo("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 1000"]) { RedirectStandardOutput = true })!;
        try
        {
            int zombie = int.Parse((await parent.StandardOutput.ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture);
            Task doubt = new ProcessWatch(time).DoubtAsync(zombie, CancellationToken.None);
            await Eventually.Holds(() => File.ReadAllText($"/proc/{zombie}/stat").Contains(") Z ", StringComparison.Ordinal));
            Assert.False(doubt.IsCompleted);
            time.Advance(s_round);
            await Eventually.Comes(doubt);
        }
        finally
        {
            parent.Kill();
        }
    }

    [Fact]
    public async Task Whoever_watches_is_asked_to_look_for_themselves_now_and_then()
    {
        ManualTime time = new();
        ProcessWatch watch = new(time);
        Task doubt = watch.DoubtAsync(Environment.ProcessId, CancellationToken.None);
        while (!doubt.IsCompleted)
        {
            time.Advance(s_round);
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_watch_that_was_given_up_ends_as_cancelled()
    {
        using CancellationTokenSource over = new();
        Task doubt = new ProcessWatch(new ManualTime()).DoubtAsync(Environment.ProcessId, over.Token);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => doubt);
    }
}
