using System.Text;
using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

/// <summary>Greeting and READY against a peer of plain bytes.</summary>
public sealed class HandshakeTests : IAsyncDisposable
{
    private readonly RouterSocket _router = new(ZmtpOptions.Default, TimeProvider.System);
    private readonly ZmtpEndpoint _endpoint;
    private readonly TaskCompletionSource<ZmtpEvent> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HandshakeTests()
    {
        _router.Happened += happened => _first.TrySetResult(happened);
        _endpoint = _router.Bind(Fresh("tcp"));
    }

    private Task<ZmtpEvent> First => Eventually.Comes(_first.Task);

    public ValueTask DisposeAsync() => _router.DisposeAsync();

    [Fact]
    public async Task Our_greeting_leaves_before_a_byte_of_the_peer_came()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        byte[] greeting = await peer.Receive(64);
        Assert.Equal(RawPeer.Greeting(), greeting);
    }

    [Fact]
    public async Task Greeting_ready_and_message_may_come_byte_by_byte()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        byte[] all = [.. RawPeer.Greeting(), .. RawPeer.Ready("DEALER", identity: "slow"u8.ToArray()), 1, 1, (byte)'a', 0, 0];
        foreach (byte one in all)
            await peer.Send(one);
        ZmtpMessage message = await Eventually.Comes(_router.ReceiveAsync(default).AsTask());
        Assert.Equal(["a", ""], message.Texts());
        Assert.Equal("slow", message.Sender!.Identity.Text());
    }

    [Fact]
    public async Task Our_ready_waits_for_the_whole_greeting_of_the_peer()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        await peer.Send(RawPeer.Greeting()[..63]);
        await peer.Receive(64);
        await peer.Send(0);
        (byte flags, byte[] body) = await peer.ReceiveFrame();
        Assert.Equal(4, flags);
        Assert.Equal(RawPeer.Ready("ROUTER", identity: [])[2..], body);
    }

    [Theory, InlineData("Socket-Type"), InlineData("socket-type"), InlineData("SOCKET-TYPE")]
    public async Task Names_of_properties_are_read_in_any_case(string name)
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        await peer.Send([.. RawPeer.Greeting(), .. RawPeer.Ready("DEALER", name)]);
        Assert.Equal(ZmtpSocketType.Dealer, Assert.IsType<ZmtpEvent.Connected>(await First).Peer.SocketType);
    }

    [Fact]
    public async Task A_peer_that_does_not_tell_its_type_is_accepted()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        await peer.Send([.. RawPeer.Greeting(), .. RawPeer.Command("READY")]);
        Assert.Null(Assert.IsType<ZmtpEvent.Connected>(await First).Peer.SocketType);
    }

    [Theory, InlineData(3, 0, 0), InlineData(3, 1, 1), InlineData(3, 9, 1), InlineData(4, 7, 1), InlineData(4, 0, 1)]
    public async Task Later_versions_are_spoken_to_as_3_1(int major, int minor, int spoken)
    {
        byte[] greeting = RawPeer.Greeting(minor);
        greeting[10] = (byte)major;
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        await peer.Send([.. greeting, .. RawPeer.Ready("DEALER")]);
        Assert.Equal(spoken, Assert.IsType<ZmtpEvent.Connected>(await First).Peer.Minor);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", "first byte")]
    [InlineData("\u00FF\0\0\0\0\0\0\0\u0001\u007E", "ZMTP 1")]
    [InlineData("\u00FF\0\0\0\0\0\0\0\u0001\u007F\u0001", "ZMTP 1")]
    [InlineData("\u00FF\0\0\0\0\0\0\0\u0001\u007F\u0002", "ZMTP 2")]
    [InlineData("\u00FF\0\0\0\0\0\0\0\u0001\u007F\u0003\u0001CURVE\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "'CURVE'")]
    public async Task A_wrong_greeting_is_refused_as_soon_as_it_is_seen(string bytes, string problem)
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        await peer.Send(Encoding.Latin1.GetBytes(bytes));
        Assert.Contains(problem, await Refusal("greeting"), StringComparison.Ordinal);
        await peer.ReceiveToEnd();
    }

    [Theory]
    [InlineData("SUB"), InlineData("ROUTE"), InlineData("dealer"), InlineData("DEALER\0"), InlineData("")]
    public async Task A_type_that_may_not_talk_to_us_is_told_so_and_closed(string type)
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        await peer.Send([.. RawPeer.Greeting(), .. RawPeer.Ready(type)]);
        await Refusal("READY");
        string answered = Encoding.Latin1.GetString(await peer.ReceiveToEnd());
        Assert.Contains("\u0005ERROR", answered, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_behind_the_last_property_are_refused()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        byte[] ready = [.. RawPeer.Ready("DEALER"), 0];
        ready[1]++;
        await peer.Send([.. RawPeer.Greeting(), .. ready]);
        Assert.Contains("longer than the command", await Refusal("READY"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_such_as_a_router_invents_is_refused()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        await peer.Send([.. RawPeer.Greeting(), .. RawPeer.Ready("DEALER", identity: [0, 0, 0, 0, 1])]);
        await Refusal("READY");
    }

    [Fact]
    public async Task A_message_before_ready_is_refused_by_its_header_alone()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        await peer.Send([.. RawPeer.Greeting(), 2, 0, 0, 0, 0, 1, 0, 0, 0]);
        Assert.Contains("before READY", await Refusal("handshake"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_ready_ends_the_connection()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint, "DEALER");
        await Eventually.Holds(() => _router.PeerCount == 1);
        await peer.Send(RawPeer.Ready("DEALER"));
        await peer.ReceiveToEnd();
        await Eventually.Holds(() => _router.PeerCount == 0);
    }

    [Fact]
    public async Task A_peer_that_does_not_finish_its_handshake_in_time_is_closed()
    {
        ManualTime time = new();
        await using RouterSocket router = new(ZmtpOptions.Default, time);
        TaskCompletionSource<ZmtpEvent> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        router.Happened += happened => first.TrySetResult(happened);
        using RawPeer peer = await RawPeer.Connect(router.Bind(Fresh("ipc")));
        await peer.Send(RawPeer.Greeting()[..20]);
        await Eventually.Holds(() => time.Waiting == 1);
        time.Advance(ZmtpOptions.Default.HandshakeTimeout);
        ZmtpEvent.HandshakeFailed failed = Assert.IsType<ZmtpEvent.HandshakeFailed>(await Eventually.Comes(first.Task));
        Assert.Equal(ZmtpCloseReason.HandshakeTimeout, failed.Reason);
        await peer.ReceiveToEnd();
    }

    [Fact]
    public async Task An_error_of_the_peer_is_told_with_its_reason()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint);
        await peer.Send([.. RawPeer.Greeting(), .. RawPeer.Command("ERROR", [3, .. "no!"u8])]);
        ZmtpEvent.HandshakeFailed failed = Assert.IsType<ZmtpEvent.HandshakeFailed>(await First);
        Assert.Equal(ZmtpCloseReason.PeerError, failed.Reason);
        Assert.Contains("no!", Assert.IsType<ZmtpPeerErrorException>(failed.Error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_peer_more_than_the_limit_is_closed_at_once()
    {
        await using RouterSocket router = new(ZmtpOptions.Default with { MaxPeers = 1 }, TimeProvider.System);
        ZmtpEndpoint endpoint = router.Bind(Fresh("ipc"));
        using (await RawPeer.Connect(endpoint, "DEALER"))
        {
            using RawPeer second = await RawPeer.Connect(endpoint);
            Assert.Empty(await second.ReceiveToEnd());
        }

        await Eventually.Holds(() => router.PeerCount == 0);
        using RawPeer third = await RawPeer.Connect(endpoint, "DEALER");
    }

    private async Task<string> Refusal(string place)
    {
        ZmtpEvent.HandshakeFailed failed = Assert.IsType<ZmtpEvent.HandshakeFailed>(await First);
        Assert.Equal(ZmtpCloseReason.ProtocolFault, failed.Reason);
        ZmtpProtocolException fault = Assert.IsType<ZmtpProtocolException>(failed.Error);
        Assert.Equal(place, fault.Place);
        return fault.Message;
    }
}
