using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

/// <summary>What happens when a queue is full, and how messages are put together.</summary>
public sealed class QueueTests
{
    private static readonly ZmtpOptions Two = ZmtpOptions.Default with { SendHighWaterMark = 2 };

    [Fact]
    public async Task A_dealer_waits_when_its_queue_is_full_and_goes_on_when_there_is_room()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        await using DealerSocket dealer = new(default, Two, TimeProvider.System);
        dealer.Connect(endpoint);
        await dealer.SendAsync(Frames("1"), default);
        await dealer.SendAsync(Frames("2"), default);
        ValueTask<bool> third = dealer.SendAsync(Frames("3"), default);
        Assert.False(third.IsCompleted);

        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        router.Bind(endpoint);
        Assert.True(await Eventually.Comes(third.AsTask()));
        for (int i = 1; i <= 3; i++)
            Assert.Equal([$"{i}"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
        Assert.Equal(0, dealer.Dropped);
    }

    [Fact]
    public async Task A_send_that_waits_can_be_cancelled_and_its_message_is_gone()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        await using DealerSocket dealer = new(default, Two, TimeProvider.System);
        dealer.Connect(endpoint);
        await dealer.SendAsync(Frames("1"), default);
        await dealer.SendAsync(Frames("2"), default);
        using CancellationTokenSource cancel = new();
        ValueTask<bool> third = dealer.SendAsync(Frames("3"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Comes(third.AsTask()));

        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        router.Bind(endpoint);
        await Eventually.Holds(() => dealer.PeerCount == 1);
        await dealer.SendAsync(Frames("4"), default);
        foreach (string expected in (string[])["1", "2", "4"])
            Assert.Equal([expected], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
    }

    [Fact]
    public async Task A_send_that_waits_ends_when_the_socket_is_disposed()
    {
        DealerSocket dealer = new(default, Two, TimeProvider.System);
        dealer.Connect(Fresh("ipc"));
        await dealer.SendAsync(Frames("1"), default);
        await dealer.SendAsync(Frames("2"), default);
        Task<bool> third = dealer.SendAsync(Frames("3"), default).AsTask();
        await Eventually.Comes(dealer.DisposeAsync().AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Eventually.Comes(third));
    }

    [Fact]
    public async Task A_dealer_that_is_to_drop_says_so_and_counts()
    {
        await using DealerSocket dealer = new(default, Two with { WhenFull = FullQueuePolicy.Drop }, TimeProvider.System);
        dealer.Connect(Fresh("ipc"));
        Assert.True(await dealer.SendAsync(Frames("1"), default));
        Assert.True(await dealer.SendAsync(Frames("2"), default));
        Assert.False(await dealer.SendAsync(Frames("3"), default));
        Assert.Equal(1, dealer.Dropped);
    }

    [Fact]
    public async Task Bytes_that_wait_are_limited_too_but_one_long_message_always_passes()
    {
        await using DealerSocket dealer = new(default, ZmtpOptions.Default with { SendHighWaterMarkBytes = 1000, WhenFull = FullQueuePolicy.Drop }, TimeProvider.System);
        dealer.Connect(Fresh("ipc"));
        Assert.True(await dealer.SendAsync([new byte[5000]], default));
        Assert.False(await dealer.SendAsync([new byte[1]], default));
    }

    [Fact]
    public async Task A_dealer_without_a_peer_waits_for_the_first()
    {
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint endpoint = dealer.Bind(Fresh("ipc"));
        ValueTask<bool> sent = dealer.SendAsync(Frames("hello"), default);
        Assert.False(sent.IsCompleted);
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        router.Connect(endpoint);
        Assert.True(await Eventually.Comes(sent.AsTask()));
        Assert.Equal(["hello"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
    }

    [Fact]
    public async Task A_dealer_sends_to_its_peers_in_turn()
    {
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        await using RouterSocket one = new(ZmtpOptions.Default, TimeProvider.System);
        await using RouterSocket other = new(ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(one.Bind(Fresh("ipc")));
        dealer.Connect(other.Bind(Fresh("tcp")));
        for (int i = 0; i < 4; i++)
            await dealer.SendAsync(Frames($"{i}"), default);
        foreach (RouterSocket router in (RouterSocket[])[one, other, one, other])
            Assert.Equal(1, (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Count);
    }

    [Fact]
    public async Task A_publisher_drops_for_the_slow_peer_alone_counts_it_and_tells_it_once()
    {
        await using PublisherSocket publisher = new(ZmtpOptions.Default with { SendHighWaterMark = 10 }, TimeProvider.System);
        List<ZmtpEvent.Dropping> told = [];
        publisher.Happened += happened =>
        {
            if (happened is ZmtpEvent.Dropping dropping)
                told.Add(dropping);
        };
        ZmtpEndpoint endpoint = publisher.Bind(Fresh("ipc"));
        using RawPeer slow = await RawPeer.Connect(endpoint, "SUB");
        await slow.Send(RawPeer.Command("SUBSCRIBE"));
        await using SubscriberSocket quick = new(ZmtpOptions.Default, TimeProvider.System);
        quick.Subscribe([]);
        quick.Connect(endpoint);
        await Eventually.Holds(() => publisher.Publish(Frames("both?")) == 2);

        byte[] body = new byte[100_000];
        int sent = 0;
        while (publisher.Dropped == 0)
        {
            publisher.Publish([Bytes($"{sent++}"), body]);
            while ((await Eventually.Comes(quick.ReceiveAsync(default).AsTask()))[0].Text() != $"{sent - 1}")
            {
                // What was published while both came.
            }
        }

        publisher.Publish(Frames("again"));
        ZmtpEvent.Dropping dropping = Assert.Single(told);
        Assert.Equal(2, dropping.Peer.Dropped);
        Assert.Equal(2, publisher.Dropped);
    }

    [Fact]
    public async Task Ten_thousand_messages_to_a_slow_consumer_wait_their_turn_and_none_is_lost()
    {
        await using DealerSocket sender = new(default, ZmtpOptions.Default, TimeProvider.System);
        await using DealerSocket receiver = new(default, ZmtpOptions.Default with { ReceiveHighWaterMark = 5 }, TimeProvider.System);
        sender.Connect(receiver.Bind(Fresh("tcp")));
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < 10_000; i++)
                await sender.SendAsync([Bytes($"{i}"), new byte[300]], default);
        });
        await Eventually.Holds(() => receiver.PeerCount == 1);
        for (int i = 0; i < 10_000; i++)
            Assert.Equal($"{i}", (await Eventually.Comes(receiver.ReceiveAsync(default).AsTask()))[0].Text());
        await Eventually.Comes(sending);
    }

    [Fact]
    public async Task Many_senders_at_once_neither_lose_nor_mix_their_messages()
    {
        await using DealerSocket dealer = new(default, ZmtpOptions.Default with { SendHighWaterMark = 50 }, TimeProvider.System);
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(router.Bind(Fresh("ipc")));
        Task senders = Task.WhenAll(Enumerable.Range(0, 8).Select(sender => Task.Run(async () =>
        {
            for (int i = 0; i < 500; i++)
                await dealer.SendAsync([Bytes($"{sender}"), Bytes($"{i}"), new byte[i]], default);
        })));
        int[] next = new int[8];
        for (int i = 0; i < 8 * 500; i++)
        {
            ZmtpMessage message = await Eventually.Comes(router.ReceiveAsync(default).AsTask());
            int sender = message[0].Span[0] - '0';
            Assert.Equal($"{next[sender]}", message[1].Text());
            Assert.Equal(next[sender]++, message[2].Length);
        }

        await Eventually.Comes(senders);
    }
}
