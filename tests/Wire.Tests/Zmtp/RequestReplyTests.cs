using System.Net.Sockets;
using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

public sealed class RequestReplyTests
{
    [Fact]
    public async Task A_request_begins_with_the_delimiter_and_only_a_reply_with_it_is_taken()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        using Socket listener = ZmtpTransport.Listen(endpoint);
        await using RequestSocket request = new(Bytes("me"), ZmtpOptions.Default, TimeProvider.System);
        request.Connect(endpoint);
        Task<ZmtpMessage> reply = request.RequestAsync(Frames("ask"), default).AsTask();
        using RawPeer peer = await Greet(listener, "ROUTER");
        Assert.Equal((1, 0), await Frame());
        Assert.Equal((0, 3), await Frame());

        await peer.Send([0, 0, 1, 1, (byte)'x', 0, 1, (byte)'y', 1, 0, 0, 2, .. "ok"u8]);
        Assert.Equal(["ok"], (await Eventually.Comes(reply)).Texts());

        async Task<(int Flags, int Length)> Frame()
        {
            (byte flags, byte[] body) = await peer.ReceiveFrame();
            return (flags, body.Length);
        }
    }

    [Fact]
    public async Task A_second_request_before_the_reply_is_a_mistake()
    {
        await using RequestSocket request = new(default, ZmtpOptions.Default, TimeProvider.System);
        request.Connect(Fresh("ipc"));
        using CancellationTokenSource cancel = new();
        Task first = request.RequestAsync(Frames("1"), cancel.Token).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => request.RequestAsync(Frames("2"), default).AsTask());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Comes(first));
    }

    [Fact]
    public async Task The_late_reply_to_a_request_given_up_is_never_taken_for_the_next()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        await using ReplySocket reply = new(ZmtpOptions.Default, TimeProvider.System);
        reply.Bind(endpoint);
        await using RequestSocket request = new(default, ZmtpOptions.Default, TimeProvider.System);
        request.Connect(endpoint);
        using CancellationTokenSource cancel = new();
        Task first = request.RequestAsync(Frames("first"), cancel.Token).AsTask();
        Assert.Equal(["first"], (await Eventually.Comes(reply.ReceiveAsync(default).AsTask())).Texts());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Comes(first));

        Task<ZmtpMessage> second = request.RequestAsync(Frames("second"), default).AsTask();
        await reply.ReplyAsync(Frames("to the first"), default);
        Assert.Equal(["second"], (await Eventually.Comes(reply.ReceiveAsync(default).AsTask())).Texts());
        await reply.ReplyAsync(Frames("to the second"), default);
        Assert.Equal(["to the second"], (await Eventually.Comes(second)).Texts());
    }

    [Fact]
    public async Task A_request_whose_connection_is_lost_fails_and_the_next_goes_through()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        await using RequestSocket request = new(default, ZmtpOptions.Default, TimeProvider.System);
        request.Connect(endpoint);
        Task<ZmtpMessage> first = request.RequestAsync(Frames("first"), default).AsTask();
        using (Socket listener = ZmtpTransport.Listen(endpoint))
        {
            using RawPeer peer = await Greet(listener, "REP");
            await peer.ReceiveFrame();
            await peer.ReceiveFrame();
        }

        await Assert.ThrowsAsync<IOException>(() => Eventually.Comes(first));
        await using ReplySocket reply = new(ZmtpOptions.Default, TimeProvider.System);
        reply.Bind(endpoint);
        Task<ZmtpMessage> second = request.RequestAsync(Frames("second"), default).AsTask();
        Assert.Equal(["second"], (await Eventually.Comes(reply.ReceiveAsync(default).AsTask())).Texts());
        await reply.ReplyAsync(Frames("here"), default);
        Assert.Equal(["here"], (await Eventually.Comes(second)).Texts());
    }

    [Fact]
    public async Task A_reply_keeps_the_whole_envelope()
    {
        await using ReplySocket reply = new(ZmtpOptions.Default, TimeProvider.System);
        using RawPeer peer = await RawPeer.Connect(reply.Bind(Fresh("ipc")), "DEALER");
        await peer.Send([0, 4, .. "lost"u8, 0, 0, 1, 1, (byte)'a', 1, 1, (byte)'b', 1, 0, 1, 0, 0, 1, (byte)'?']);
        Assert.Equal(["", "?"], (await Eventually.Comes(reply.ReceiveAsync(default).AsTask())).Texts());
        await reply.ReplyAsync(Frames("!"), default);
        Assert.Equal((byte[])[1, 1, (byte)'a', 1, 1, (byte)'b', 1, 0, 0, 1, (byte)'!'], await peer.Receive(11));
        await Assert.ThrowsAsync<InvalidOperationException>(() => reply.ReplyAsync(Frames("twice"), default).AsTask());
    }

    private static async Task<RawPeer> Greet(Socket listener, string type)
    {
        RawPeer peer = await RawPeer.Accept(listener);
        await peer.Send([.. RawPeer.Greeting(), .. RawPeer.Ready(type)]);
        await peer.Receive(64);
        await peer.ReceiveFrame();
        return peer;
    }
}
