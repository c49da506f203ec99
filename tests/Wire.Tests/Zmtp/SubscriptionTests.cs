using System.Text;
using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

public sealed class SubscriptionTests
{
    [Theory]
    [InlineData("", "anything", true), InlineData("", "", true), InlineData("ab", "abc", true), InlineData("ab", "ab", true)]
    [InlineData("ab", "a", false), InlineData("ab", "xab", false)]
    public void A_topic_is_a_prefix_of_the_first_frame(string topic, string frame, bool wanted)
    {
        ZmtpSubscriptions topics = new();
        Assert.False(topics.Match(Encoding.UTF8.GetBytes(frame)));
        topics.Add(Encoding.UTF8.GetBytes(topic));
        topics.Add("other"u8);
        Assert.Equal(wanted, topics.Match(Encoding.UTF8.GetBytes(frame)));
    }

    [Fact]
    public void Subscriptions_are_counted()
    {
        ZmtpSubscriptions topics = new();
        Assert.True(topics.Add("a"u8));
        Assert.False(topics.Add("a"u8));
        Assert.False(topics.Remove("b"u8));
        Assert.False(topics.Remove("a"u8));
        Assert.True(topics.Match("a"u8));
        Assert.True(topics.Remove("a"u8));
        Assert.False(topics.Match("a"u8));
        Assert.Equal(0, topics.Count);
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task A_subscriber_speaks_as_the_minor_version_of_the_publisher_wants(int minor)
    {
        await using SubscriberSocket subscriber = new(ZmtpOptions.Default, TimeProvider.System);
        subscriber.Subscribe("t"u8);
        using RawPeer publisher = await RawPeer.Connect(subscriber.Bind(Fresh("ipc")), "PUB", minor);
        (byte Flags, byte[] Body) subscribe = await publisher.ReceiveFrame();
        Assert.Equal(minor == 0 ? 0 : 4, subscribe.Flags);
        Assert.Equal(minor == 0 ? [1, (byte)'t'] : (byte[])[9, .. "SUBSCRIBE"u8, (byte)'t'], subscribe.Body);
        subscriber.Unsubscribe("t"u8);
        Assert.Equal(minor == 0 ? [0, (byte)'t'] : (byte[])[6, .. "CANCEL"u8, (byte)'t'], (await publisher.ReceiveFrame()).Body);
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task A_publisher_takes_both_forms_whatever_the_version(int minor)
    {
        await using PublisherSocket publisher = new(ZmtpOptions.Default, TimeProvider.System);
        using RawPeer peer = await RawPeer.Connect(publisher.Bind(Fresh("ipc")), "SUB", minor);
        await peer.Send(0, 2, 1, (byte)'m');
        await peer.Send(RawPeer.Command("SUBSCRIBE", (byte)'c'));
        await Eventually.Holds(() => publisher.Publish(Frames("c1")) == 1);
        publisher.Publish(Frames("m1"));
        publisher.Publish(Frames("x1"));
        string heard;
        do
            heard = Encoding.UTF8.GetString((await peer.ReceiveFrame()).Body);
        while (heard == "c1");
        Assert.Equal("m1", heard);

        await peer.Send(RawPeer.Command("CANCEL", (byte)'m'));
        await peer.Send(0, 2, 0, (byte)'c');
        await Eventually.Holds(() => publisher.Publish(Frames("c2")) == 0);
        Assert.Equal(0, publisher.Publish(Frames("m2")));
    }

    [Fact]
    public async Task What_else_a_subscriber_sends_is_ignored()
    {
        await using PublisherSocket publisher = new(ZmtpOptions.Default, TimeProvider.System);
        using RawPeer peer = await RawPeer.Connect(publisher.Bind(Fresh("ipc")), "XSUB");
        await peer.Send([0, 0, 0, 1, 2, 1, 1, 1, 0, 1, 1, .. RawPeer.Command("SUBSCRIBE", (byte)'a')]);
        await Eventually.Holds(() => publisher.Publish(Frames("a")) == 1);
        Assert.Equal(0, publisher.Publish(Frames("b")));
    }

    [Fact]
    public async Task One_topic_more_than_the_limit_ends_the_connection_by_its_name()
    {
        await using PublisherSocket publisher = new(ZmtpOptions.Default with { MaxSubscriptions = 3 }, TimeProvider.System);
        TaskCompletionSource<ZmtpEvent.Disconnected> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        publisher.Happened += happened =>
        {
            if (happened is ZmtpEvent.Disconnected end)
                ended.TrySetResult(end);
        };
        using RawPeer peer = await RawPeer.Connect(publisher.Bind(Fresh("ipc")), "SUB");
        for (byte topic = 0; topic < 4; topic++)
            await peer.Send(RawPeer.Command("SUBSCRIBE", topic));
        Assert.Contains(nameof(ZmtpOptions.MaxSubscriptions), (await Eventually.Comes(ended.Task)).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_sent_before_a_cancel_arrived_is_not_delivered_after_it()
    {
        await using SubscriberSocket subscriber = new(ZmtpOptions.Default, TimeProvider.System);
        subscriber.Subscribe("keep"u8);
        using RawPeer publisher = await RawPeer.Connect(subscriber.Bind(Fresh("ipc")), "PUB");
        await publisher.Send([0, 5, .. "other"u8, 0, 4, .. "keep"u8]);
        Assert.Equal(["keep"], (await Eventually.Comes(subscriber.ReceiveAsync(default).AsTask())).Texts());
    }
}
