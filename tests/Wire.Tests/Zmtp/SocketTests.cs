using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

public sealed class SocketTests
{
    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task A_dealer_and_a_router_talk_both_ways(string scheme)
    {
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        await using DealerSocket dealer = new(Bytes("me"), ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(router.Bind(Fresh(scheme)));

        await dealer.SendAsync(Frames("one", "", "three"), default);
        ZmtpMessage asked = await Eventually.Comes(router.ReceiveAsync(default).AsTask());
        Assert.Equal("me", asked.Sender!.Identity.Text());
        Assert.Equal(["one", "", "three"], asked.Texts());

        Assert.True(await router.SendAsync(asked.Sender.Identity, Frames("answer"), default));
        Assert.Equal(["answer"], (await Eventually.Comes(dealer.ReceiveAsync(default).AsTask())).Texts());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task A_request_gets_its_reply(string scheme)
    {
        await using ReplySocket reply = new(ZmtpOptions.Default, TimeProvider.System);
        await using RequestSocket request = new(default, ZmtpOptions.Default, TimeProvider.System);
        request.Connect(reply.Bind(Fresh(scheme)));

        Task<ZmtpMessage> answer = request.RequestAsync(Frames("ping"), default).AsTask();
        Assert.Equal(["ping"], (await Eventually.Comes(reply.ReceiveAsync(default).AsTask())).Texts());
        await reply.ReplyAsync(Frames("pong", "!"), default);
        Assert.Equal(["pong", "!"], (await Eventually.Comes(answer)).Texts());
    }

    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task A_subscriber_gets_only_its_topics(string scheme)
    {
        await using PublisherSocket publisher = new(ZmtpOptions.Default, TimeProvider.System);
        await using SubscriberSocket subscriber = new(ZmtpOptions.Default, TimeProvider.System);
        subscriber.Subscribe("a"u8);
        subscriber.Connect(publisher.Bind(Fresh(scheme)));

        await Eventually.Holds(() => publisher.Publish(Frames("a0")) == 1);
        Assert.Equal(0, publisher.Publish(Frames("b")));
        publisher.Publish(Frames("abc", "more"));
        ZmtpMessage message;
        do
            message = await Eventually.Comes(subscriber.ReceiveAsync(default).AsTask());
        while (message[0].Text() == "a0");
        Assert.Equal(["abc", "more"], message.Texts());
    }
}
