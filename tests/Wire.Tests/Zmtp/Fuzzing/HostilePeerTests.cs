using System.Net.Sockets;
using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp.Fuzzing;

/// <summary>Whole sockets against peers that send what they like.</summary>
public sealed class HostilePeerTests
{
    [Theory, InlineData("DEALER"), InlineData("SUB"), InlineData("REQ")]
    public async Task Whatever_hostile_peers_send_the_next_honest_one_is_served(string type)
    {
        await using ZmtpSocket socket = type switch
        {
            "DEALER" => new RouterSocket(ZmtpOptions.Default, TimeProvider.System),
            "SUB" => new PublisherSocket(ZmtpOptions.Default, TimeProvider.System),
            _ => new ReplySocket(ZmtpOptions.Default, TimeProvider.System),
        };
        (socket as RouterSocket)?.Start(_ => ValueTask.CompletedTask);
        List<Exception?> errors = [];
        socket.Happened += happened =>
        {
            if (happened is ZmtpEvent.Disconnected { Reason: ZmtpCloseReason.ReceiverFailed } end)
                errors.Add(end.Error);
        };
        ZmtpEndpoint endpoint = socket.Bind(Fresh("ipc"));
        Random random = new(1);
        for (int i = 0; i < 200; i++)
            await Attack(endpoint, random, type);

        Assert.Empty(errors);
        await Eventually.Holds(() => socket.PeerCount == 0);
        using RawPeer honest = await RawPeer.Connect(endpoint, type);
        await honest.Send(RawPeer.Command("PING", 0, 0, 42));
        Assert.Equal((byte[])[4, .. "PONG"u8, 42], (await honest.ReceiveFrame()).Body);
    }

    private static async Task Attack(ZmtpEndpoint endpoint, Random random, string type)
    {
        using RawPeer peer = await RawPeer.Connect(endpoint);
        byte[] honest = [.. RawPeer.Greeting(), .. RawPeer.Ready(type), 1, 0, 0, 3, 1, 2, 3, .. RawPeer.Command("SUBSCRIBE", 7), .. RawPeer.Command("PING", 0, 1, 9)];
        byte[] bytes = random.Next(3) switch
        {
            0 => Fuzz.RandomBytes(random, random.Next(200)),
            1 => Fuzz.Mutate(random, honest),
            _ => [.. honest, .. Fuzz.RandomBytes(random, random.Next(2000))],
        };
        try
        {
            await peer.Send(bytes);
        }
        catch (SocketException)
        {
            // Closed before all was sent, as it should be.
        }
    }
}
