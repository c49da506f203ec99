using System.Net.Sockets;
using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

public sealed class ReconnectTests
{
    [Fact]
    public void The_wait_doubles_up_to_the_longest_and_chance_only_adds()
    {
        ReconnectPolicy policy = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), 0.5);
        Assert.Equal([20, 40, 80, 160, 320, 640, 1000, 1000], Enumerable.Range(1, 8).Select(failures => policy.Delay(failures, 0).TotalMilliseconds));
        Assert.Equal(30, policy.Delay(1, 1).TotalMilliseconds);
        Assert.Equal(1500, policy.Delay(int.MaxValue, 1).TotalMilliseconds);
    }

    [Fact]
    public async Task Messages_wait_for_a_peer_that_starts_later()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        TaskCompletionSource<ZmtpEvent> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        dealer.Happened += happened => failed.TrySetResult(happened);
        dealer.Connect(endpoint);
        await dealer.SendAsync(Frames("first"), default);
        ZmtpEvent.HandshakeFailed told = Assert.IsType<ZmtpEvent.HandshakeFailed>(await Eventually.Comes(failed.Task));
        Assert.Equal(ZmtpCloseReason.TransportFailed, told.Reason);
        Assert.True(told.RetryIn > TimeSpan.Zero);

        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        router.Bind(endpoint);
        Assert.Equal(["first"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
    }

    [Fact]
    public async Task What_a_broken_connection_did_not_take_whole_is_sent_again_and_nothing_twice()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(endpoint);
        List<string> taken = [];
        using (Socket listener = Listen(endpoint))
        {
            using RawPeer first = await Greet(listener);
            // More than the operating system takes at once, so that a message is cut in the middle.
            for (int i = 0; i < 100; i++)
                await dealer.SendAsync([Bytes($"{i}"), new byte[100_000]], default);
            first.Refuse();
            using ZmtpFrameReader reader = new(ZmtpOptions.Default, 0);
            FrameFeed.Read(reader, await first.ReceiveToEnd(), () => 100_000, taken);
        }

        Assert.InRange(taken.Count, 0, 99);
        using Socket again = Listen(endpoint);
        using RawPeer second = await Greet(again);
        for (int next = taken.Count; next < 100; next++)
        {
            Assert.Equal($"{next}", new ReadOnlyMemory<byte>((await second.ReceiveFrame()).Body).Text());
            await second.Receive(9 + 100_000);
        }
    }

    [Fact]
    public async Task The_identity_stays_the_same_over_reconnects()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        await using DealerSocket dealer = new(Bytes("me"), ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(endpoint);
        for (int round = 0; round < 3; round++)
        {
            await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
            router.Bind(endpoint);
            await dealer.SendAsync(Frames($"{round}"), default);
            ZmtpMessage message = await Eventually.Comes(router.ReceiveAsync(default).AsTask());
            Assert.Equal("me", message.Sender!.Identity.Text());
            Assert.Equal([$"{round}"], message.Texts());
            await router.DisposeAsync();
            await Eventually.Holds(() => dealer.PeerCount == 0);
        }
    }

    [Fact]
    public async Task A_peer_that_refuses_with_error_is_tried_again_ever_later()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        using Socket listener = Listen(endpoint);
        List<TimeSpan> waits = [];
        ReconnectPolicy policy = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(4), 0);
        await using DealerSocket dealer = new(default, ZmtpOptions.Default with { Reconnect = policy }, TimeProvider.System);
        dealer.Happened += happened =>
        {
            if (happened is ZmtpEvent.HandshakeFailed { Reason: ZmtpCloseReason.PeerError } failed)
                waits.Add(failed.RetryIn!.Value);
        };
        dealer.Connect(endpoint);
        for (int i = 0; i < 4; i++)
        {
            using RawPeer peer = await RawPeer.Accept(listener);
            await peer.Send([.. RawPeer.Greeting(), .. RawPeer.Command("ERROR", [2, .. "no"u8])]);
            await peer.ReceiveToEnd();
        }

        await Eventually.Holds(() => waits.Count >= 4);
        Assert.Equal([1, 2, 4, 4], waits.Take(4).Select(wait => wait.TotalMilliseconds));
    }

    [Fact]
    public async Task A_host_name_is_resolved_and_connected()
    {
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint bound = router.Bind(ZmtpEndpoint.Parse("tcp://127.0.0.1:*"));
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(ZmtpEndpoint.Tcp("localhost", bound.Port));
        await dealer.SendAsync(Frames("hello"), default);
        Assert.Equal(["hello"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
    }

    private static Socket Listen(ZmtpEndpoint endpoint) => ZmtpTransport.Listen(endpoint);

    private static async Task<RawPeer> Greet(Socket listener)
    {
        RawPeer peer = await RawPeer.Accept(listener);
        await peer.Send([.. RawPeer.Greeting(), .. RawPeer.Ready("ROUTER", identity: [])]);
        await peer.Receive(64);
        await peer.ReceiveFrame();
        return peer;
    }
}
