using System.Text.Json.Nodes;
using Testing;
using Wire.Zmtp;
using Wire.Zmtp.Curve;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp.Interop;

/// <summary>CURVE with libzmq: each side as client and server, connecting and listening.</summary>
public sealed class LibzmqCurveTests : IAsyncDisposable
{
    private readonly LibzmqPeer _peer = new();
    private readonly CurveKeyPair _ours = CurveKeyPair.Generate();
    private readonly TaskCompletionSource<ZmtpEvent> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ZmtpOptions AsServer => ZmtpOptions.Default with { Curve = CurveSecurity.Server(_ours) };

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        _ours.Dispose();
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Our_dealer_talks_to_their_router(string scheme)
    {
        (JsonObject curve, ZmtpOptions client) = await TheirServer();
        ZmtpEndpoint endpoint = await _peer.Bind("ROUTER", Fresh(scheme), curve);
        await using DealerSocket dealer = new(Bytes("ours"), client, TimeProvider.System);
        dealer.Connect(endpoint);

        await dealer.SendAsync(Frames("a", "", "c"), Stop);
        Assert.Equal(["ours", "a", "", "c"], await _peer.Receive());
        await _peer.Send("ours", "back", new string('x', 3_000_000));
        Assert.Equal(["back", new string('x', 3_000_000)], (await Eventually.Comes(dealer.ReceiveAsync(Stop).AsTask())).Texts());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Our_router_talks_to_their_dealer(string scheme)
    {
        await using RouterSocket router = new(AsServer, TimeProvider.System);
        ZmtpEndpoint endpoint = router.Bind(Fresh(scheme));
        JsonObject with = await TheirClient();
        with["identity"] = "theirs";
        await _peer.Connect("DEALER", endpoint, with);

        await _peer.Send("hello", "", new string('y', 3_000_000));
        Assert.Equal(["hello", "", new string('y', 3_000_000)], (await Eventually.Comes(router.ReceiveAsync(Stop).AsTask())).Texts());
        Assert.True(await router.SendAsync(Bytes("theirs"), Frames("", "answer"), Stop));
        Assert.Equal(["", "answer"], await _peer.Receive());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Thousands_of_messages_keep_their_order_both_ways(string scheme)
    {
        const int Count = 5000;
        await using RouterSocket router = new(AsServer with { ReceiveHighWaterMark = 10_000, WhenFull = FullQueuePolicy.Wait }, TimeProvider.System);
        ZmtpEndpoint endpoint = router.Bind(Fresh(scheme));
        JsonObject with = await TheirClient();
        with["identity"] = "theirs";
        await _peer.Connect("DEALER", endpoint, with);

        await _peer.Do("send_many", new JsonObject { ["count"] = Count, ["size"] = 300 });
        for (int i = 0; i < Count; i++)
            Assert.Equal($"{i}", (await Eventually.Comes(router.ReceiveAsync(Stop).AsTask()))[0].Text());
        Task<JsonObject> received = _peer.Do("receive_many", new JsonObject { ["count"] = Count });
        for (int i = 0; i < Count; i++)
            await router.SendAsync(Bytes("theirs"), Frames($"{i}", new string('z', 300)), Stop);
        Assert.Equal(Count, (int)(await received)["count"]!);
    }

    [Theory, InlineData("tcp", "PUB"), InlineData("ipc", "PUB"), InlineData("tcp", "XPUB"), InlineData("ipc", "XPUB")]
    public async Task Our_subscriber_hears_their_publisher(string scheme, string type)
    {
        (JsonObject curve, ZmtpOptions client) = await TheirServer();
        ZmtpEndpoint endpoint = await _peer.Bind(type, Fresh(scheme), curve);
        await using SubscriberSocket subscriber = new(client, TimeProvider.System);
        subscriber.Subscribe("wanted"u8);
        subscriber.Connect(endpoint);

        if (type == "XPUB")
        {
            Assert.Equal(["\u0001wanted"], await _peer.Receive());
            await _peer.Send("unwanted");
            await _peer.Send("wanted", "now");
            Assert.Equal(["wanted", "now"], (await Eventually.Comes(subscriber.ReceiveAsync(Stop).AsTask())).Texts());
            subscriber.Unsubscribe("wanted"u8);
            Assert.Equal(["\u0000wanted"], await _peer.Receive());
            return;
        }

        Task<ZmtpMessage> heard = subscriber.ReceiveAsync(Stop).AsTask();
        await Eventually.Holds(async () =>
        {
            await _peer.Send("unwanted");
            await _peer.Send("wanted", "now");
            return heard.IsCompleted;
        });
        Assert.Equal(["wanted", "now"], (await heard).Texts());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Their_subscriber_hears_our_publisher(string scheme)
    {
        await using PublisherSocket publisher = new(AsServer, TimeProvider.System);
        TaskCompletionSource<string> subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        publisher.SubscriptionChanged += (_, topic, _) => subscribed.TrySetResult(topic.Text());
        ZmtpEndpoint endpoint = publisher.Bind(Fresh(scheme));
        JsonObject with = await TheirClient();
        with["topic"] = "wanted";
        await _peer.Connect("SUB", endpoint, with);
        Assert.Equal("wanted", await Eventually.Comes(subscribed.Task));

        Assert.Equal(0, publisher.Publish(Frames("unwanted")));
        Assert.Equal(1, publisher.Publish(Frames("wanted", "now")));
        Assert.Equal(["wanted", "now"], await _peer.Receive());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Our_request_is_answered_by_their_reply(string scheme)
    {
        (JsonObject curve, ZmtpOptions client) = await TheirServer();
        ZmtpEndpoint endpoint = await _peer.Bind("REP", Fresh(scheme), curve);
        await using RequestSocket request = new(default, client, TimeProvider.System);
        request.Connect(endpoint);
        Task echo = _peer.Do("echo", new JsonObject { ["count"] = 3 });
        for (int i = 0; i < 3; i++)
            Assert.Equal([$"ping {i}"], (await Eventually.Comes(request.RequestAsync(Frames($"ping {i}"), Stop).AsTask())).Texts());
        await echo;
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Our_reply_answers_their_request(string scheme)
    {
        await using ReplySocket reply = new(AsServer, TimeProvider.System);
        ZmtpEndpoint endpoint = reply.Bind(Fresh(scheme));
        await _peer.Connect("REQ", endpoint, await TheirClient());
        await _peer.Send("ask");
        Assert.Equal(["ask"], (await Eventually.Comes(reply.ReceiveAsync(Stop).AsTask())).Texts());
        await reply.ReplyAsync(Frames("answer"), Stop);
        Assert.Equal(["answer"], await _peer.Receive());
    }

    [Fact]
    public async Task Heartbeats_travel_encrypted_and_are_answered_by_both()
    {
        ZmtpOptions options = AsServer with { HeartbeatInterval = TimeSpan.FromMilliseconds(20) };
        await using RouterSocket router = new(options, TimeProvider.System);
        ZmtpEvent? lost = null;
        router.Happened += happened => lost = happened is ZmtpEvent.Disconnected ? happened : lost;
        ZmtpEndpoint endpoint = router.Bind(Fresh("tcp"));
        JsonObject with = await TheirClient();
        with["options"] = new JsonObject { ["HEARTBEAT_IVL"] = 20, ["HEARTBEAT_TTL"] = 500, ["HEARTBEAT_TIMEOUT"] = 5000 };
        await _peer.Connect("DEALER", endpoint, with);
        await _peer.Send("before");
        await Eventually.Comes(router.ReceiveAsync(Stop).AsTask());
        Assert.True((bool)(await _peer.Do("receive_nothing", new JsonObject { ["milliseconds"] = 1000 }))["nothing"]!);
        await _peer.Send("after");
        Assert.Equal(["after"], (await Eventually.Comes(router.ReceiveAsync(Stop).AsTask())).Texts());
        Assert.Null(lost);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Their_authenticator_decides_by_our_key(bool admitted)
    {
        using CurveKeyPair stranger = CurveKeyPair.Generate();
        (JsonObject curve, ZmtpOptions client) = await TheirServer();
        curve["curve"]!["admits"] = new JsonArray(admitted ? _ours.PublicText : stranger.PublicText);
        ZmtpEndpoint endpoint = await _peer.Bind("ROUTER", Fresh("tcp"), curve);
        await using DealerSocket dealer = new(Bytes("ours"), client, TimeProvider.System);
        dealer.Happened += Watch;
        dealer.Connect(endpoint);
        await dealer.SendAsync(Frames("hello"), Stop);
        if (admitted)
        {
            Assert.Equal(["ours", "hello"], await _peer.Receive());
            return;
        }

        var failed = Assert.IsType<ZmtpEvent.HandshakeFailed>(await Eventually.Comes(_failed.Task));
        Assert.Equal(ZmtpCloseReason.PeerError, failed.Reason);
        Assert.Contains("400", failed.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task We_decide_by_their_key()
    {
        JsonObject with = await TheirClient();
        string wanted = (string)with["curve"]!["public"]!;
        bool admit = false;
        ZmtpOptions options = ZmtpOptions.Default with { Curve = CurveSecurity.Server(_ours, key => Volatile.Read(ref admit) && Z85.Write(key.Span) == wanted) };
        await using RouterSocket router = new(options, TimeProvider.System);
        router.Happened += Watch;
        ZmtpEndpoint endpoint = router.Bind(Fresh("tcp"));
        await _peer.Connect("DEALER", endpoint, (JsonObject)with.DeepClone());
        await _peer.Send("hello");
        Assert.Equal(ZmtpCloseReason.ProtocolFault, Assert.IsType<ZmtpEvent.HandshakeFailed>(await Eventually.Comes(_failed.Task)).Reason);
        Assert.Equal(0, router.PeerCount);

        Volatile.Write(ref admit, true);
        await _peer.Do("close");
        await _peer.Connect("DEALER", endpoint, with);
        await _peer.Send("hello again");
        Assert.Equal("hello again", (await Eventually.Comes(router.ReceiveAsync(Stop).AsTask()))[0].Text());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Who_knows_another_server_key_gets_nothing_from_them(string scheme)
    {
        (JsonObject curve, _) = await TheirServer();
        ZmtpEndpoint endpoint = await _peer.Bind("ROUTER", Fresh(scheme), curve);
        ZmtpOptions wrong = ZmtpOptions.Default with { Curve = CurveSecurity.Client(_ours.PublicKey.Span, _ours) };
        await using DealerSocket dealer = new(default, wrong, TimeProvider.System);
        dealer.Happened += Watch;
        dealer.Connect(endpoint);
        await dealer.SendAsync(Frames("hello"), Stop);
        var failed = Assert.IsType<ZmtpEvent.HandshakeFailed>(await Eventually.Comes(_failed.Task));
        Assert.Contains(failed.Reason, new[] { ZmtpCloseReason.PeerClosed, ZmtpCloseReason.TransportFailed });
        Assert.True((bool)(await _peer.Do("receive_nothing", new JsonObject { ["milliseconds"] = 100 }))["nothing"]!);
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Who_knows_another_server_key_gets_nothing_from_us(string scheme)
    {
        await using RouterSocket router = new(AsServer, TimeProvider.System);
        router.Happened += Watch;
        ZmtpEndpoint endpoint = router.Bind(Fresh(scheme));
        JsonObject with = await TheirClient();
        using CurveKeyPair other = CurveKeyPair.Generate();
        with["curve"]!["server"] = other.PublicText;
        await _peer.Connect("DEALER", endpoint, with);
        await _peer.Send("hello");
        Assert.Equal(ZmtpCloseReason.ProtocolFault, Assert.IsType<ZmtpEvent.HandshakeFailed>(await Eventually.Comes(_failed.Task)).Reason);
        Assert.Equal(0, router.PeerCount);
    }

    [Fact]
    public async Task Who_speaks_NULL_is_not_served()
    {
        await using RouterSocket router = new(AsServer, TimeProvider.System);
        router.Happened += Watch;
        ZmtpEndpoint endpoint = router.Bind(Fresh("tcp"));
        await _peer.Connect("DEALER", endpoint);
        var failed = Assert.IsType<ZmtpEvent.HandshakeFailed>(await Eventually.Comes(_failed.Task));
        // Whoever sees the other's mechanism first hangs up.
        Assert.Contains(failed.Reason, new[] { ZmtpCloseReason.ProtocolFault, ZmtpCloseReason.PeerClosed });
        Assert.Equal(0, router.PeerCount);
    }

    private void Watch(ZmtpEvent happened)
    {
        if (happened is ZmtpEvent.HandshakeFailed)
            _failed.TrySetResult(happened);
    }

    /// <summary>What their listening socket needs, and our options to talk to it.</summary>
    private async Task<(JsonObject Theirs, ZmtpOptions Ours)> TheirServer()
    {
        JsonObject keys = await _peer.Do("curve_keypair");
        byte[] server = new byte[32];
        Assert.True(Z85.TryRead((string)keys["public"]!, server));
        return (new JsonObject { ["curve"] = keys }, ZmtpOptions.Default with { Curve = CurveSecurity.Client(server, _ours) });
    }

    /// <summary>What their connecting socket needs to talk to us.</summary>
    private async Task<JsonObject> TheirClient()
    {
        JsonObject keys = await _peer.Do("curve_keypair");
        keys["server"] = _ours.PublicText;
        return new JsonObject { ["curve"] = keys };
    }
}
