using Hub.Contents;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Contents;

public sealed class ContentThreadsTests : IDisposable
{
    private readonly ContentThreads _threads = new(Options.Create(new ContentsOptions { Threads = 3, ThreadsPerUser = 2, WaitingPerUser = 4 }));
    private readonly ManualResetEventSlim _gate = new();

    public void Dispose()
    {
        _gate.Set();
        _threads.Dispose();
        _gate.Dispose();
    }

    [Fact]
    public async Task Work_of_one_user_never_holds_up_another()
    {
        List<Task<bool>> stuck = [.. Enumerable.Range(0, 4).Select(_ => _threads.RunAsync("greedy", Wait, CancellationToken.None))];
        Assert.Equal(42, await Eventually.Comes(_threads.RunAsync("other", () => 42, CancellationToken.None)));
        Assert.DoesNotContain(stuck, task => task.IsCompleted);
        _gate.Set();
        Assert.All(await Task.WhenAll(stuck), Assert.True);
    }

    [Fact]
    public async Task Too_much_waiting_work_is_refused_by_the_name_of_the_limit()
    {
        List<Task<bool>> stuck = [];
        ContentException refused = await Assert.ThrowsAsync<ContentException>(async () =>
        {
            while (stuck.Count < 100)
                stuck.Add(_threads.RunAsync("greedy", Wait, CancellationToken.None));
            await Task.CompletedTask;
        });
        Assert.Equal(ContentFailure.Busy, refused.Failure);
        Assert.Contains("Contents:WaitingPerUser", refused.Message, StringComparison.Ordinal);
        Assert.InRange(stuck.Count, 4, 6);
        _gate.Set();
        await Eventually.Comes(Task.WhenAll(stuck));
        Assert.True(await _threads.RunAsync("greedy", () => true, CancellationToken.None));
    }

    [Fact]
    public async Task What_work_throws_arrives_and_cancelled_work_does_not_begin()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _threads.RunAsync<int>("a", () => throw new InvalidDataException(), CancellationToken.None));
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _threads.RunAsync("a", () => 1, cancelled.Token));
    }

    private bool Wait()
    {
        _gate.Wait();
        return true;
    }
}
