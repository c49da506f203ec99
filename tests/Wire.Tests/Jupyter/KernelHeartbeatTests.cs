using System.Threading.Channels;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Wire.Tests.Jupyter;

public sealed class KernelHeartbeatTests
{
    private static readonly KernelHeartbeatOptions Options = new()
    {
        Period = TimeSpan.FromSeconds(3),
        Patience = TimeSpan.FromSeconds(1),
        LostAfter = TimeSpan.FromSeconds(7),
    };

    [Fact]
    public async Task Silence_is_told_then_loss_and_an_echo_makes_it_alive_again()
    {
        var time = new ManualTime();
        var echoes = new Queue<bool>([true, false, false, false, true, true]);
        var changes = Channel.CreateBounded<KernelVitality>(10);
        using var ending = new CancellationTokenSource();
        var heartbeat = new KernelHeartbeat((_, _) => ValueTask.FromResult(echoes.Count > 0 ? echoes.Dequeue() : true), Options, time);
        var loop = heartbeat.RunAsync(change => changes.Writer.TryWrite(change), ending.Token);

        // Pings at 0 (echo), 3, 6, 9 (missed: 3, 6 and 9 s of silence), 12 (echo).
        await Step(time, 1);
        Assert.Equal(KernelVitality.Silent, await changes.Reader.ReadAsync());
        Assert.Equal(KernelVitality.Silent, heartbeat.Vitality);
        await Step(time, 2);
        Assert.Equal(KernelVitality.Lost, await changes.Reader.ReadAsync());
        await Step(time, 1);
        Assert.Equal(KernelVitality.Alive, await changes.Reader.ReadAsync());
        Assert.Equal(time.GetUtcNow(), heartbeat.LastHeard);
        await Step(time, 1);
        Assert.False(changes.Reader.TryRead(out _));

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
    }

    [Fact]
    public async Task It_watches_a_real_client()
    {
        await using var kernel = FakeKernel.Start();
        await using var tab = new ClientSide(kernel.Connection);
        await tab.Ready();
        using var ending = new CancellationTokenSource();
        var changed = new TaskCompletionSource<KernelVitality>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new KernelHeartbeatOptions { Period = TimeSpan.FromMilliseconds(10), Patience = TimeSpan.FromMilliseconds(100), LostAfter = TimeSpan.FromHours(1) };
        var loop = new KernelHeartbeat(tab.Client.PingAsync, options, TimeProvider.System).RunAsync(change => changed.TrySetResult(change), ending.Token);
        await kernel.DieAsync();
        Assert.Equal(KernelVitality.Silent, await Eventually.Comes(changed.Task));
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
    }

    private static async Task Step(ManualTime time, int periods)
    {
        for (var i = 0; i < periods; i++)
        {
            await Eventually.Holds(() => time.Waiting > 0);
            time.Advance(Options.Period);
        }

        await Eventually.Holds(() => time.Waiting > 0);
    }
}
