using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

public sealed class DisposalTests
{
    [Fact]
    public async Task Disposal_sends_what_is_queued_before_it_closes()
    {
        await using DealerSocket receiver = new(default, ZmtpOptions.Default with { ReceiveHighWaterMark = 1 }, TimeProvider.System);
        DealerSocket sender = new(default, ZmtpOptions.Default with { Linger = Eventually.Timeout }, TimeProvider.System);
        sender.Connect(receiver.Bind(Fresh("ipc")));
        await Eventually.Holds(() => sender.PeerCount == 1);
        for (int i = 0; i < 100; i++)
            await sender.SendAsync([Bytes($"{i}"), new byte[50_000]], default);
        Task disposal = sender.DisposeAsync().AsTask();
        for (int i = 0; i < 100; i++)
            Assert.Equal($"{i}", (await Eventually.Comes(receiver.ReceiveAsync(default).AsTask()))[0].Text());
        await Eventually.Comes(disposal);
    }

    [Fact]
    public async Task Disposal_waits_no_longer_than_linger_for_a_peer_that_does_not_read()
    {
        ManualTime time = new();
        DealerSocket sender = new(default, ZmtpOptions.Default, time);
        using RawPeer peer = await RawPeer.Connect(sender.Bind(Fresh("ipc")), "DEALER");
        await sender.SendAsync([new byte[10_000_000]], default);
        Task disposal = sender.DisposeAsync().AsTask();
        await Eventually.Holds(() => time.Waiting == 1);
        Assert.False(disposal.IsCompleted);
        time.Advance(ZmtpOptions.Default.Linger);
        await Eventually.Comes(disposal);
    }

    [Fact]
    public async Task Whoever_waits_for_a_message_is_told_that_the_socket_is_gone()
    {
        RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        router.Bind(Fresh("ipc"));
        Task waits = router.ReceiveAsync(default).AsTask();
        await Eventually.Comes(router.DisposeAsync().AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Eventually.Comes(waits));
        Assert.Throws<ObjectDisposedException>(() => router.Bind(Fresh("ipc")));
        await router.DisposeAsync();
    }

    [Fact]
    public async Task Disposal_ends_attempts_to_connect_half_done_handshakes_and_full_inboxes()
    {
        DealerSocket dealer = new(default, ZmtpOptions.Default with { ReceiveHighWaterMark = 1 }, TimeProvider.System);
        dealer.Connect(Fresh("ipc"));
        dealer.Connect(ZmtpEndpoint.Tcp("203.0.113.1", 1));
        ZmtpEndpoint endpoint = dealer.Bind(Fresh("tcp"));
        using RawPeer silent = await RawPeer.Connect(endpoint);
        using RawPeer loud = await RawPeer.Connect(endpoint, "DEALER");
        await loud.Send([.. Enumerable.Repeat((byte)0, 1000)]);
        await Eventually.Holds(() => dealer.PeerCount == 1);
        await Eventually.Comes(dealer.DisposeAsync().AsTask());
        await silent.ReceiveToEnd();
        await loud.ReceiveToEnd();
    }

    [Fact]
    public async Task Sockets_leave_no_descriptor_behind()
    {
        await Round();
        int before = Descriptors();
        for (int i = 0; i < 20; i++)
            await Round();
        // Others of this process come and go; twenty rounds of ours would be sixty at least.
        await Eventually.Holds(() => Descriptors() < before + 30);

        static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;

        static async Task Round()
        {
            await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
            await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
            ZmtpEndpoint endpoint = router.Bind(Fresh("ipc"));
            dealer.Connect(endpoint);
            dealer.Connect(endpoint);
            await Eventually.Holds(() => dealer.PeerCount == 2);
        }
    }

    [Fact]
    public async Task Idle_connections_hold_no_buffer()
    {
        const int count = 100;
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint endpoint = router.Bind(Fresh("ipc"));
        List<DealerSocket> dealers = [];
        for (int i = 0; i < count; i++)
        {
            DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
            dealers.Add(dealer);
            dealer.Connect(endpoint);
            await dealer.SendAsync(Frames("hello"), default);
            ZmtpMessage message = await Eventually.Comes(router.ReceiveAsync(default).AsTask());
            await router.SendAsync(message.Sender!.Identity, Frames("back"), default);
            await Eventually.Comes(dealer.ReceiveAsync(default).AsTask());
        }

        await Eventually.Holds(() => router.PeerCount == count && router.BuffersHeld == 0 && dealers.All(dealer => dealer.BuffersHeld == 0));
        using RawPeer half = await RawPeer.Connect(endpoint, "DEALER");
        await half.Send(0, 5, 1);
        await Eventually.Holds(() => router.BuffersHeld == 1);
        await Task.WhenAll(dealers.Select(dealer => dealer.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_listener_that_throws_does_not_end_the_connection()
    {
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        router.Happened += _ => throw new InvalidOperationException("mine");
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(router.Bind(Fresh("ipc")));
        await dealer.SendAsync(Frames("hello"), default);
        Assert.Equal(["hello"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        Exception refused = Assert.ThrowsAny<Exception>(() => new RouterSocket(ZmtpOptions.Default with { SendHighWaterMark = 0 }, TimeProvider.System));
        Assert.Contains(nameof(ZmtpOptions.SendHighWaterMark), refused.Message, StringComparison.Ordinal);
        refused = Assert.ThrowsAny<Exception>(() => new RouterSocket(ZmtpOptions.Default with { HandshakeTimeout = TimeSpan.Zero }, TimeProvider.System));
        Assert.Contains(nameof(ZmtpOptions.HandshakeTimeout), refused.Message, StringComparison.Ordinal);
    }
}
