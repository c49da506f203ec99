using System.Text.Json.Nodes;
using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp.Interop;

/// <summary>Our sockets and those of libzmq, each side connecting and listening, over TCP and Unix sockets.</summary>
public sealed class LibzmqTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Our_dealer_talks_to_their_router(string scheme)
    {
        await using LibzmqPeer peer = new();
        ZmtpEndpoint endpoint = await peer.Bind("ROUTER", Fresh(scheme));
        await using DealerSocket dealer = new(Bytes("ours"), ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(endpoint);

        await dealer.SendAsync(Frames("a", "", "c"), Stop);
        Assert.Equal(["ours", "a", "", "c"], await peer.Receive());
        await peer.Send("ours", "back", new string('x', 70_000));
        Assert.Equal(["back", new string('x', 70_000)], (await Eventually.Comes(dealer.ReceiveAsync(Stop).AsTask())).Texts());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Our_router_talks_to_their_dealer(string scheme)
    {
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint endpoint = router.Bind(Fresh(scheme));
        await using LibzmqPeer peer = new();
        await peer.Connect("DEALER", endpoint, new JsonObject { ["identity"] = "theirs" });

        await peer.Send("hello", new string('y', 300));
        ZmtpMessage message = await Eventually.Comes(router.ReceiveAsync(Stop).AsTask());
        Assert.Equal(["hello", new string('y', 300)], message.Texts());
        Assert.Equal("theirs", message.Sender!.Identity.Text());
        Assert.Equal(ZmtpSocketType.Dealer, message.Sender.SocketType);
        Assert.Equal(1, message.Sender.Minor);
        Assert.True(await router.SendAsync(Bytes("theirs"), Frames("", "answer"), Stop));
        Assert.Equal(["", "answer"], await peer.Receive());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task A_dealer_of_theirs_without_identity_gets_one(string scheme)
    {
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint endpoint = router.Bind(Fresh(scheme));
        await using LibzmqPeer peer = new();
        await peer.Connect("DEALER", endpoint);

        await peer.Send("hello");
        ZmtpMessage message = await Eventually.Comes(router.ReceiveAsync(Stop).AsTask());
        Assert.Equal(5, message.Sender!.Identity.Length);
        await router.SendAsync(message.Sender.Identity, Frames("answer"), Stop);
        Assert.Equal(["answer"], await peer.Receive());
    }

    [Theory]
    [InlineData("tcp", "REP"), InlineData("ipc", "REP")]
    [InlineData("tcp", "ROUTER"), InlineData("ipc", "ROUTER")]
    public async Task Our_request_is_answered_by_their(string scheme, string type)
    {
        await using LibzmqPeer peer = new();
        ZmtpEndpoint endpoint = await peer.Bind(type, Fresh(scheme));
        await using RequestSocket request = new(default, ZmtpOptions.Default, TimeProvider.System);
        request.Connect(endpoint);

        Task echo = peer.Do("echo", new JsonObject { ["count"] = 3 });
        for (int i = 0; i < 3; i++)
            Assert.Equal([$"ping {i}", "two"], (await Eventually.Comes(request.RequestAsync(Frames($"ping {i}", "two"), Stop).AsTask())).Texts());
        await echo;
    }

    [Theory]
    [InlineData("tcp", "REQ"), InlineData("ipc", "REQ")]
    public async Task Our_reply_answers_their_request(string scheme, string type)
    {
        await using ReplySocket reply = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint endpoint = reply.Bind(Fresh(scheme));
        await using LibzmqPeer peer = new();
        await peer.Connect(type, endpoint);

        for (int i = 0; i < 3; i++)
        {
            await peer.Send($"ask {i}");
            Assert.Equal([$"ask {i}"], (await Eventually.Comes(reply.ReceiveAsync(Stop).AsTask())).Texts());
            await reply.ReplyAsync(Frames("answer", $"{i}"), Stop);
            Assert.Equal(["answer", $"{i}"], await peer.Receive());
        }
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task A_dealer_of_theirs_without_delimiter_is_not_heard_by_our_reply(string scheme)
    {
        await using ReplySocket reply = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint endpoint = reply.Bind(Fresh(scheme));
        await using LibzmqPeer peer = new();
        await peer.Connect("DEALER", endpoint);

        await peer.Send("lost");
        await peer.Send("envelope", "", "heard");
        Assert.Equal(["heard"], (await Eventually.Comes(reply.ReceiveAsync(Stop).AsTask())).Texts());
        await reply.ReplyAsync(Frames("answer"), Stop);
        Assert.Equal(["envelope", "", "answer"], await peer.Receive());
    }

    [Theory]
    [InlineData("tcp", "PUB", 0), InlineData("tcp", "PUB", 1), InlineData("tcp", "XPUB", 0), InlineData("tcp", "XPUB", 1)]
    [InlineData("ipc", "PUB", 0), InlineData("ipc", "PUB", 1), InlineData("ipc", "XPUB", 0), InlineData("ipc", "XPUB", 1)]
    public async Task Our_subscriber_hears_their_publisher_in_both_forms_of_subscription(string scheme, string type, int minor)
    {
        await using LibzmqPeer peer = new();
        ZmtpEndpoint endpoint = await peer.Bind(type, Fresh(scheme));
        await using SubscriberSocket subscriber = new(ZmtpOptions.Default with { Minor = minor }, TimeProvider.System);
        subscriber.Subscribe("wanted"u8);
        subscriber.Connect(endpoint);
        if (type == "XPUB")
            Assert.Equal(["\u0001wanted"], await peer.Receive());
        else
            await HeardOf(peer, subscriber, "wanted first");

        await peer.Send("unwanted");
        await peer.Send("wanted", "", "now");
        Assert.Equal(["wanted", "", "now"], (await Next(subscriber, "wanted first")).Texts());

        subscriber.Unsubscribe("wanted"u8);
        subscriber.Subscribe("other"u8);
        if (type == "XPUB")
        {
            Assert.Equal(["\u0000wanted"], await peer.Receive());
            Assert.Equal(["\u0001other"], await peer.Receive());
        }
        else
        {
            await HeardOf(peer, subscriber, "other first");
        }

        await peer.Send("wanted", "no more");
        await peer.Send("other", "yes");
        Assert.Equal(["other", "yes"], (await Next(subscriber, "other first")).Texts());
    }

    [Theory]
    [InlineData("tcp", "SUB", 0), InlineData("tcp", "SUB", 1), InlineData("ipc", "SUB", 0), InlineData("ipc", "SUB", 1)]
    [InlineData("tcp", "XSUB", 0), InlineData("tcp", "XSUB", 1), InlineData("ipc", "XSUB", 0), InlineData("ipc", "XSUB", 1)]
    public async Task Their_subscriber_hears_our_publisher_in_both_forms_of_subscription(string scheme, string type, int minor)
    {
        // libzmq chooses the form by the minor version we announce.
        await using PublisherSocket publisher = new(ZmtpOptions.Default with { Minor = minor }, TimeProvider.System, ZmtpSocketType.XPub);
        List<string> changes = [];
        publisher.SubscriptionChanged += (_, topic, on) =>
        {
            lock (changes)
                changes.Add($"{(on ? '+' : '-')}{topic.Text()}");
        };
        ZmtpEndpoint endpoint = publisher.Bind(Fresh(scheme));
        await using LibzmqPeer peer = new();
        await peer.Connect(type, endpoint);
        await Change("\u0001a");
        await Eventually.Holds(() => Changed("+a"));
        publisher.Publish(Frames("b", "unwanted"));
        publisher.Publish(Frames("a", "wanted"));
        Assert.Equal(["a", "wanted"], await peer.Receive());

        await Change("\u0000a");
        await Eventually.Holds(() => Changed("-a"));
        Assert.Equal(0, publisher.Publish(Frames("a", "wanted")));

        Task Change(string message) => type == "XSUB"
            ? peer.Send(message)
            : peer.Do("subscribe", new JsonObject { ["on"] = message[0] == 1, ["topic"] = message[1..] });

        bool Changed(string what)
        {
            lock (changes)
                return changes.Contains(what);
        }
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task A_dealer_comes_back_when_their_router_starts_again_and_nothing_queued_is_lost(string scheme)
    {
        ZmtpEndpoint endpoint;
        await using DealerSocket dealer = new(Bytes("ours"), ZmtpOptions.Default, TimeProvider.System);
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        dealer.Happened += happened =>
        {
            if (happened is ZmtpEvent.Disconnected)
                gone.TrySetResult();
        };
        await using (LibzmqPeer first = new())
        {
            endpoint = await first.Bind("ROUTER", Fresh(scheme));
            dealer.Connect(endpoint);
            await dealer.SendAsync(Frames("1"), Stop);
            Assert.Equal(["ours", "1"], await first.Receive());
            await first.Do("close");
        }

        await Eventually.Comes(gone.Task);
        await dealer.SendAsync(Frames("2"), Stop);
        await dealer.SendAsync(Frames("3"), Stop);
        await using LibzmqPeer second = new();
        await second.Bind("ROUTER", endpoint);
        Assert.Equal(["ours", "2"], await second.Receive());
        Assert.Equal(["ours", "3"], await second.Receive());
        await second.Send("ours", "welcome back");
        Assert.Equal(["welcome back"], (await Eventually.Comes(dealer.ReceiveAsync(Stop).AsTask())).Texts());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task A_subscriber_subscribes_again_when_their_publisher_starts_again(string scheme)
    {
        await using SubscriberSocket subscriber = new(ZmtpOptions.Default, TimeProvider.System);
        subscriber.Subscribe("t"u8);
        ZmtpEndpoint endpoint;
        await using (LibzmqPeer first = new())
        {
            endpoint = await first.Bind("XPUB", Fresh(scheme));
            subscriber.Connect(endpoint);
            Assert.Equal(["\u0001t"], await first.Receive());
            await first.Do("close");
        }

        await using LibzmqPeer second = new();
        await second.Bind("XPUB", endpoint);
        Assert.Equal(["\u0001t"], await second.Receive());
        await second.Send("topic");
        Assert.Equal(["topic"], (await Eventually.Comes(subscriber.ReceiveAsync(Stop).AsTask())).Texts());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Ten_thousand_messages_of_theirs_arrive_whole_and_in_order(string scheme)
    {
        await using LibzmqPeer peer = new();
        ZmtpEndpoint endpoint = await peer.Bind("XPUB", Fresh(scheme), new JsonObject { ["options"] = new JsonObject { ["SNDHWM"] = 0 } });
        await using SubscriberSocket subscriber = new(ZmtpOptions.Default, TimeProvider.System);
        TaskCompletionSource<int> all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int count = 0;
        subscriber.Start(message =>
        {
            Assert.Equal(count.ToString(System.Globalization.CultureInfo.InvariantCulture), message[0].Text());
            Assert.Equal(300, message[1].Length);
            if (++count == 10_000)
                all.SetResult(count);
            return ValueTask.CompletedTask;
        });
        subscriber.Happened += happened =>
        {
            if (happened is ZmtpEvent.Disconnected { Error: { } error })
                all.TrySetException(error);
        };
        subscriber.Subscribe([]);
        subscriber.Connect(endpoint);
        await peer.Receive();
        await peer.Do("send_many", new JsonObject { ["count"] = 10_000, ["size"] = 300 });
        Assert.Equal(10_000, await Eventually.Comes(all.Task));
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Ten_thousand_messages_of_ours_arrive_whole_and_in_order(string scheme)
    {
        await using LibzmqPeer peer = new();
        ZmtpEndpoint endpoint = await peer.Bind("ROUTER", Fresh(scheme));
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(endpoint);
        Task<JsonObject> received = peer.Do("receive_many", new JsonObject { ["count"] = 10_000 });
        for (int i = 0; i < 10_000; i++)
            await dealer.SendAsync(Frames($"{i}", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), Stop);
        Assert.Equal(10_000, (int)(await received)["count"]!);
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task A_frame_of_100_MB_passes_under_the_limit_and_is_refused_by_name_above_it(string scheme)
    {
        const int size = 100 * 1024 * 1024;
        await using LibzmqPeer peer = new();
        ZmtpEndpoint endpoint = await peer.Bind("DEALER", Fresh(scheme));
        await using (DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System))
        {
            dealer.Connect(endpoint);
            await peer.Do("send_many", new JsonObject { ["count"] = 1, ["size"] = size });
            ZmtpMessage message = await Eventually.Comes(dealer.ReceiveAsync(Stop).AsTask());
            Assert.Equal(size, message[1].Length);
            Assert.Equal((byte)'x', message[1].Span[^1]);
            await dealer.SendAsync([message[0], message[1]], Stop);
            Assert.Equal(1, (int)(await peer.Do("receive_many", new JsonObject { ["count"] = 1 }))["count"]!);
        }

        await using DealerSocket small = new(default, ZmtpOptions.Default with { MaxFrameBytes = size - 1 }, TimeProvider.System);
        TaskCompletionSource<ZmtpEvent.Disconnected> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        small.Happened += happened =>
        {
            if (happened is ZmtpEvent.Disconnected disconnected)
                refused.TrySetResult(disconnected);
        };
        small.Connect(endpoint);
        await Eventually.Holds(() => small.PeerCount == 1);
        await peer.Do("send_many", new JsonObject { ["count"] = 1, ["size"] = size });
        ZmtpEvent.Disconnected end = await Eventually.Comes(refused.Task);
        Assert.Equal(ZmtpCloseReason.ProtocolFault, end.Reason);
        Assert.Contains(nameof(ZmtpOptions.MaxFrameBytes), end.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Abstract_names_of_Unix_sockets_work_both_ways()
    {
        string name = $"@zmtp-{Guid.NewGuid():N}";
        await using LibzmqPeer peer = new();
        await peer.Bind("ROUTER", ZmtpEndpoint.Ipc(name));
        await using DealerSocket dealer = new(Bytes("ours"), ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(ZmtpEndpoint.Ipc(name));
        await dealer.SendAsync(Frames("hello"), Stop);
        Assert.Equal(["ours", "hello"], await peer.Receive());

        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint ours = router.Bind(ZmtpEndpoint.Ipc($"@zmtp-{Guid.NewGuid():N}"));
        await using LibzmqPeer other = new();
        await other.Connect("DEALER", ours);
        await other.Send("hello");
        Assert.Equal(["hello"], (await Eventually.Comes(router.ReceiveAsync(Stop).AsTask())).Texts());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Heartbeats_of_both_sides_keep_a_connection(string scheme)
    {
        await using RouterSocket router = new(ZmtpOptions.Default with { HeartbeatInterval = TimeSpan.FromMilliseconds(20) }, TimeProvider.System);
        ZmtpEvent? lost = null;
        router.Happened += happened => lost = happened is ZmtpEvent.Disconnected ? happened : lost;
        ZmtpEndpoint endpoint = router.Bind(Fresh(scheme));
        await using LibzmqPeer peer = new();
        JsonObject options = new() { ["HEARTBEAT_IVL"] = 20, ["HEARTBEAT_TTL"] = 2500, ["HEARTBEAT_TIMEOUT"] = 30_000 };
        await peer.Connect("DEALER", endpoint, new JsonObject { ["options"] = options });
        await peer.Send("before");
        await Eventually.Comes(router.ReceiveAsync(Stop).AsTask());
        // Longer than the peer's time to live, which is longer than a busy machine makes anybody wait.
        Assert.True((bool)(await peer.Do("receive_nothing", new JsonObject { ["milliseconds"] = 3500 }))["nothing"]!);
        await peer.Send("after");
        Assert.Equal(["after"], (await Eventually.Comes(router.ReceiveAsync(Stop).AsTask())).Texts());
        Assert.Null(lost);
    }

    /// <summary>Publishes until the subscription has arrived, which PUB does not tell.</summary>
    private static async Task HeardOf(LibzmqPeer peer, SubscriberSocket subscriber, string message)
    {
        Task heard = Until(subscriber, message);
        await Eventually.Holds(async () =>
        {
            await peer.Send(message);
            return heard.IsCompleted;
        });
        await heard;
    }

    private static async Task Until(SubscriberSocket subscriber, string message)
    {
        while ((await Eventually.Comes(subscriber.ReceiveAsync(Stop).AsTask()))[0].Text() != message)
        {
            // An earlier one, still in the queue.
        }
    }

    private static async Task<ZmtpMessage> Next(SubscriberSocket subscriber, string butNot)
    {
        while (true)
        {
            ZmtpMessage message = await Eventually.Comes(subscriber.ReceiveAsync(Stop).AsTask());
            if (message[0].Text() != butNot)
                return message;
        }
    }
}
