using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

public sealed class RouterTests
{
    [Fact]
    public async Task A_message_to_an_identity_that_is_gone_is_refused()
    {
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint endpoint = router.Bind(Fresh("ipc"));
        Assert.False(await router.SendAsync(Bytes("nobody"), Frames("x"), default));
        using (await RawPeer.Connect(endpoint, "DEALER", identity: "me"u8.ToArray()))
            await Eventually.Holds(async () => await router.SendAsync(Bytes("me"), Frames("x"), default));
        await Eventually.Holds(async () => !await router.SendAsync(Bytes("me"), Frames("x"), default));
    }

    [Fact]
    public async Task A_second_peer_of_the_same_identity_takes_over_and_the_first_is_closed()
    {
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint endpoint = router.Bind(Fresh("ipc"));
        using RawPeer first = await RawPeer.Connect(endpoint, "DEALER", identity: "me"u8.ToArray());
        await Eventually.Holds(() => router.PeerCount == 1);
        using RawPeer second = await RawPeer.Connect(endpoint, "DEALER", identity: "me"u8.ToArray());
        await first.ReceiveToEnd();

        await Eventually.Holds(() => router.PeerCount == 1);
        Assert.True(await router.SendAsync(Bytes("me"), Frames("x"), default));
        Assert.Equal("x"u8.ToArray(), (await second.ReceiveFrame()).Body);
        await second.Send(0, 1, (byte)'y');
        Assert.Equal(["y"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
    }

    [Fact]
    public async Task A_second_peer_of_the_same_identity_is_closed_where_it_is_to_be_refused()
    {
        await using RouterSocket router = new(ZmtpOptions.Default with { DuplicateIdentity = DuplicateIdentityPolicy.Refuse }, TimeProvider.System);
        ZmtpEndpoint endpoint = router.Bind(Fresh("ipc"));
        using RawPeer first = await RawPeer.Connect(endpoint, "DEALER", identity: "me"u8.ToArray());
        await Eventually.Holds(() => router.PeerCount == 1);
        using RawPeer second = await RawPeer.Connect(endpoint, "DEALER", identity: "me"u8.ToArray());
        await second.ReceiveToEnd();

        Assert.True(await router.SendAsync(Bytes("me"), Frames("x"), default));
        Assert.Equal("x"u8.ToArray(), (await first.ReceiveFrame()).Body);
    }

    [Fact]
    public async Task A_router_drops_for_a_peer_that_does_not_read_and_waits_where_told_to()
    {
        await using RouterSocket router = new(ZmtpOptions.Default with { SendHighWaterMark = 3 }, TimeProvider.System);
        using RawPeer peer = await RawPeer.Connect(router.Bind(Fresh("ipc")), "DEALER", identity: "me"u8.ToArray());
        await Eventually.Holds(() => router.PeerCount == 1);
        byte[] body = new byte[1_000_000];
        for (int i = 0; i < 10; i++)
            await router.SendAsync(Bytes("me"), [body], default);
        Assert.False(await router.SendAsync(Bytes("me"), [body], default));
        Assert.True(router.Dropped > 0);

        await using RouterSocket patient = new(ZmtpOptions.Default with { SendHighWaterMark = 1, WhenFull = FullQueuePolicy.Wait }, TimeProvider.System);
        RawPeer leaving = await RawPeer.Connect(patient.Bind(Fresh("ipc")), "DEALER", identity: "me"u8.ToArray());
        await Eventually.Holds(() => patient.PeerCount == 1);
        await patient.SendAsync(Bytes("me"), [body], default);
        ValueTask<bool> waits = patient.SendAsync(Bytes("me"), [body], default);
        Assert.False(waits.IsCompleted);
        leaving.Dispose();
        Assert.False(await Eventually.Comes(waits.AsTask()));
        Assert.Equal(0, patient.Dropped);
    }

    [Fact]
    public void An_identity_that_no_socket_may_have_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new DealerSocket(new byte[256], ZmtpOptions.Default, TimeProvider.System));
        Assert.Throws<ArgumentException>(() => new DealerSocket(new byte[] { 0, 1 }, ZmtpOptions.Default, TimeProvider.System));
    }
}
