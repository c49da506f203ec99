using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

public sealed class HeartbeatTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_ping_is_due_after_each_interval()
    {
        HeartbeatPolicy policy = new(Second * 15, Second * 30, TimeSpan.Zero);
        Assert.Equal(new HeartbeatStep(false, false, Second * 15), policy.Next(TimeSpan.Zero, TimeSpan.Zero, null));
        Assert.Equal(new HeartbeatStep(true, false, Second * 15), policy.Next(Second, Second * 15, null));
        Assert.Equal(new HeartbeatStep(true, false, Second * 15), policy.Next(Second * 15, Second * 15, Second * 15));
    }

    [Fact]
    public void Silence_after_a_ping_is_loss_once_the_timeout_is_over()
    {
        HeartbeatPolicy policy = new(Second * 15, Second * 10, TimeSpan.Zero);
        Assert.Equal(Second * 10, policy.Next(Second * 15, Second * 15, null).AskAgainIn);
        Assert.False(policy.Next(Second * 24, Second * 9, Second * 9).Close);
        Assert.Equal(Second, policy.Next(Second * 24, Second * 9, Second * 9).AskAgainIn);
        Assert.True(policy.Next(Second * 25, Second * 10, Second * 10).Close);
    }

    [Fact]
    public void The_time_to_live_of_the_peer_is_kept_without_pings_of_our_own()
    {
        HeartbeatPolicy policy = new(TimeSpan.Zero, Second * 30, Second * 5);
        Assert.Equal(new HeartbeatStep(false, false, Second * 2), policy.Next(Second * 3, Second * 100, null));
        Assert.True(policy.Next(Second * 5, Second * 100, null).Close);
        Assert.False(new HeartbeatPolicy(TimeSpan.Zero, Second, TimeSpan.Zero).Watches);
    }

    [Fact]
    public async Task A_peer_that_stays_silent_after_a_ping_is_closed()
    {
        ManualTime time = new();
        ZmtpOptions options = ZmtpOptions.Default with { HeartbeatInterval = Second * 15, HeartbeatTimeout = Second * 10, HeartbeatTimeToLive = Second * 60 };
        await using RouterSocket router = new(options, time);
        TaskCompletionSource<ZmtpEvent.Disconnected> ended = Ended(router);
        using RawPeer peer = await RawPeer.Connect(router.Bind(Fresh("ipc")), "DEALER");
        await Eventually.Holds(() => router.PeerCount == 1 && time.Waiting == 1);
        time.Advance(Second * 15);
        Assert.Equal((byte[])[4, .. "PING"u8, 600 >> 8, 600 & 255], (await peer.ReceiveFrame()).Body);
        time.Advance(Second * 10);
        Assert.Equal(ZmtpCloseReason.HeartbeatLost, (await Eventually.Comes(ended.Task)).Reason);
    }

    [Fact]
    public async Task Any_traffic_counts_as_life()
    {
        ManualTime time = new();
        ZmtpOptions options = ZmtpOptions.Default with { HeartbeatInterval = Second * 15, HeartbeatTimeout = Second * 10 };
        await using RouterSocket router = new(options, time);
        TaskCompletionSource<ZmtpEvent.Disconnected> ended = Ended(router);
        using RawPeer peer = await RawPeer.Connect(router.Bind(Fresh("ipc")), "DEALER");
        await Eventually.Holds(() => router.PeerCount == 1 && time.Waiting == 1);
        for (int i = 0; i < 3; i++)
        {
            time.Advance(Second * 15);
            await peer.ReceiveFrame();
            await peer.Send(0, 0);
            await Eventually.Comes(router.ReceiveAsync(default).AsTask());
            time.Advance(TimeSpan.Zero);
        }

        Assert.False(ended.Task.IsCompleted);
        Assert.Equal(1, router.PeerCount);
    }

    [Fact]
    public async Task A_peer_is_closed_when_it_is_silent_for_the_time_to_live_it_told()
    {
        ManualTime time = new();
        await using RouterSocket router = new(ZmtpOptions.Default, time);
        TaskCompletionSource<ZmtpEvent.Disconnected> ended = Ended(router);
        using RawPeer peer = await RawPeer.Connect(router.Bind(Fresh("ipc")), "DEALER");
        await Eventually.Holds(() => router.PeerCount == 1);
        await peer.Send(RawPeer.Command("PING", 0, 50));
        await peer.ReceiveFrame();
        await Eventually.Holds(() => time.Waiting == 1);
        time.Advance(Second * 4.9);
        Assert.False(ended.Task.IsCompleted);
        time.Advance(Second * 0.1);
        Assert.Equal(ZmtpCloseReason.HeartbeatLost, (await Eventually.Comes(ended.Task)).Reason);
    }

    private static TaskCompletionSource<ZmtpEvent.Disconnected> Ended(ZmtpSocket socket)
    {
        TaskCompletionSource<ZmtpEvent.Disconnected> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        socket.Happened += happened =>
        {
            if (happened is ZmtpEvent.Disconnected end)
                ended.TrySetResult(end);
        };
        return ended;
    }
}
