using System.Collections.Concurrent;
using Hub.Kernels;
using Hub.Kernels.Starting;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Kernels.Starting;

/// <summary>Starts wait for their turn, are told where they are, and are refused when there is no room.</summary>
public sealed class StartQueueTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();
    private readonly Memory _memory = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_that_wait_are_told_their_place_and_how_long_it_will_take()
    {
        StartQueue queue = Queue(new StartsOptions { AtOnce = 1 });
        StartTurn first = await queue.EnterAsync("ada", _ => Assert.Fail("nobody is before the first"), Cancelled);
        Waiter second = new(queue, "ada"), other = new(queue, "bob");
        Assert.Equal(new StartPlace(0, null, false), Assert.Single(second.Places));
        Assert.Equal(new StartPlace(0, null, false), Assert.Single(other.Places));
        await PassAsync(() => second.Places.Last().Ahead == 1);
        Assert.Equal(2, queue.Waiting);

        first.Succeeded(TimeSpan.FromSeconds(4));
        first.Dispose();
        StartTurn bobs = await Eventually.Comes(other.Turn);
        Assert.False(second.Turn.IsCompleted);
        await PassAsync(() => second.Places.Last() == new StartPlace(0, TimeSpan.FromSeconds(2), false));
        Assert.Equal("The kernel is the next to start; about 2 s.", StartWords.Of(second.Places.Last()));
        Assert.Equal(new StartPlace(1, TimeSpan.FromSeconds(6), false), queue.Tail);
        bobs.Dispose();
        bobs.Dispose();
        (await Eventually.Comes(second.Turn)).Dispose();
        Assert.Equal(0, queue.Waiting);
    }

    [Fact]
    public async Task A_start_that_hangs_does_not_keep_the_others_waiting()
    {
        StartQueue queue = Queue(new StartsOptions { AtOnce = 1, LongestTurn = TimeSpan.FromSeconds(15) });
        using StartTurn hangs = await queue.EnterAsync("ada", _ => { }, Cancelled);
        Waiter next = new(queue, "bob");
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.False(next.Turn.IsCompleted);
        _time.Advance(s_second);
        (await Eventually.Comes(next.Turn)).Dispose();
    }

    [Fact]
    public async Task While_memory_is_short_nobody_starts_and_who_waits_too_long_is_refused()
    {
        StartsOptions options = new() { AtOnce = 4, KeepFreeBytes = 256 << 20, BytesPerStart = 64 << 20, WaitForMemory = TimeSpan.FromMinutes(2) };
        StartQueue queue = Queue(options);
        // Enough for one, and one under way counts.
        _memory.Bytes = 350 << 20;
        StartTurn first = await queue.EnterAsync("ada", _ => { }, Cancelled);
        Waiter second = new(queue, "bob");
        Assert.True(second.Places.Single().IsFull);
        Assert.Contains("memory is nearly full", StartWords.Of(second.Places.Single()), StringComparison.Ordinal);
        _memory.Bytes = 2L << 30;
        await PassAsync(() => second.Turn.IsCompleted);
        first.Dispose();
        (await second.Turn).Dispose();

        _memory.Bytes = 0;
        Waiter never = new(queue, "eve");
        await PassAsync(() => never.Turn.IsCompleted);
        KernelStartException refused = await Assert.ThrowsAsync<KernelStartException>(() => never.Turn);
        Assert.Equal("no_capacity", refused.Cause);
        Assert.Contains("Starts:WaitForMemory", refused.UserMessage, StringComparison.Ordinal);
        Assert.Equal(0, queue.Waiting);

        (await Queue(options with { KeepFreeBytes = 0 }).EnterAsync("ada", _ => { }, Cancelled)).Dispose();
        _memory.Bytes = null;
        (await queue.EnterAsync("ada", _ => { }, Cancelled)).Dispose();
    }

    [Fact]
    public async Task When_too_many_wait_a_further_one_is_refused_and_one_that_is_given_up_makes_room()
    {
        StartQueue queue = Queue(new StartsOptions { AtOnce = 1, MaxWaiting = 1 });
        using StartTurn first = await queue.EnterAsync("ada", _ => { }, Cancelled);
        using CancellationTokenSource enough = new();
        Waiter waits = new(queue, "bob", enough.Token);
        KernelStartException refused = await Assert.ThrowsAsync<KernelStartException>(() => queue.EnterAsync("eve", _ => { }, Cancelled));
        Assert.Contains("Starts:MaxWaiting", refused.UserMessage, StringComparison.Ordinal);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits.Turn);
        Waiter eve = new(queue, "eve");
        Assert.Equal(1, queue.Waiting);
        first.Dispose();
        (await Eventually.Comes(eve.Turn)).Dispose();
    }

    [Fact]
    public async Task What_nobody_waits_for_has_to_wait_for_a_quiet_moment()
    {
        StartQueue queue = Queue(new StartsOptions { AtOnce = 1, KeepFreeBytes = 256 << 20, BytesPerStart = 64 << 20 });
        Assert.True(queue.IsQuiet);
        using (await queue.EnterAsync("ada", _ => { }, Cancelled))
            Assert.False(queue.IsQuiet);
        Assert.True(queue.IsQuiet);
        _memory.Bytes = 300 << 20;
        Assert.False(queue.IsQuiet);
    }

    [Fact]
    public void The_machine_says_how_much_memory_it_has_left() => Assert.InRange(new MachineMemory().Available ?? 0, 1 << 20, 1L << 50);

    private StartQueue Queue(StartsOptions options) => new(Options.Create(options), _memory, _time);

    /// <summary>Lets time go by until something holds.</summary>
    private Task PassAsync(Func<bool> until) => Eventually.Holds(() =>
    {
        _time.Advance(s_second);
        return until();
    });

    private sealed class Waiter
    {
        public Waiter(StartQueue queue, string user, CancellationToken cancellationToken = default) =>
            Turn = queue.EnterAsync(user, Places.Enqueue, cancellationToken);

        public ConcurrentQueue<StartPlace> Places { get; } = [];

        public Task<StartTurn> Turn { get; }
    }

    private sealed class Memory : MachineMemory
    {
        public long? Bytes { get; set; } = 1L << 40;

        public override long? Available => Bytes;
    }
}
