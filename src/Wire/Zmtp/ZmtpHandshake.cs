using System.Net.Sockets;
using Wire.Zmtp.Curve;

namespace Wire.Zmtp;

/// <summary>
/// Greeting and the commands of the mechanism, NULL or CURVE. Each step waits for what the protocol wants read first: our greeting leaves at once,
/// our first command after the peer's greeting, messages after the last command.
/// </summary>
internal static class ZmtpHandshake
{
    /// <summary>Leaves the socket non-blocking, as <see cref="ZmtpConnection"/> wants it.</summary>
    /// <exception cref="ZmtpProtocolException">The peer speaks something else, or is of a type that may not talk to <paramref name="self"/>.</exception>
    /// <exception cref="ZmtpPeerErrorException">The peer sent ERROR.</exception>
    /// <exception cref="EndOfStreamException">The peer closed.</exception>
    public static async Task<ZmtpHandshakeResult> RunAsync(
        Socket socket, ZmtpSocketType self, ReadOnlyMemory<byte> identity, ZmtpOptions options, CancellationToken cancellationToken)
    {
        socket.Blocking = false;
        await SendAsync(socket, ZmtpGreeting.Ours(options.Minor, options.Curve), cancellationToken);
        ZmtpGreeting greeting = await ReadGreetingAsync(socket, options.Curve, cancellationToken);
        ZmtpFrameReader reader = new(options, ZmtpGreeting.Length) { CommandsOnly = true };
        CurveTraffic? traffic = null;
        try
        {
            ZmtpReady ready;
            if (options.Curve is { } curve)
            {
                (ready, traffic) = await EncryptAsync(socket, reader, curve, ZmtpReady.Properties(self, identity.Span), cancellationToken);
            }
            else
            {
                await SendAsync(socket, ZmtpReady.Write(self, identity.Span), cancellationToken);
                await ReadCommandAsync(socket, reader, "the peer closed before READY", cancellationToken);
                ready = ReadReady(reader);
            }

            if (ready.SocketType is { } type && !self.MayTalkTo(type))
                throw new ZmtpProtocolException($"a {Name(type)} may not talk to a {Name(self)}", "READY", reader.Offset);
            reader.CommandsOnly = false;
            return new(ready, Math.Min(greeting.Minor, options.Minor), reader, traffic);
        }
        catch (Exception fault)
        {
            reader.Dispose();
            traffic?.Dispose();
            // Best effort: the peer may log why. Of CURVE it learns nothing but that its key is not admitted.
            if (fault is ZmtpProtocolException wrong && (options.Curve is null || wrong.ToldPeer is not null))
                socket.Send(ZmtpCommand.Error(wrong.ToldPeer ?? wrong.Problem), SocketFlags.None, out _);
            throw;
        }
    }

    private static async Task<(ZmtpReady Ready, CurveTraffic Traffic)> EncryptAsync(
        Socket socket, ZmtpFrameReader reader, CurveSecurity curve, byte[] properties, CancellationToken cancellationToken)
    {
        const string Closed = "the peer closed during the CURVE handshake, as it does when a key is not the one it wants";
        using CurveHandshake steps = curve.Begin(properties);
        byte[]? next = steps.Opening;
        while (true)
        {
            if (next is not null)
                await SendAsync(socket, next, cancellationToken);
            if (steps is { Ready: { } ready, Traffic: { } traffic })
                return (ready, traffic);
            await ReadCommandAsync(socket, reader, Closed, cancellationToken);
            next = steps.Take(ZmtpCommand.Read(reader.Command, reader.Offset), reader.Offset);
        }
    }

    private static async Task<ZmtpGreeting> ReadGreetingAsync(Socket socket, CurveSecurity? curve, CancellationToken cancellationToken)
    {
        byte[] received = new byte[ZmtpGreeting.Length];
        int count = 0;
        while (true)
        {
            int more = await socket.ReceiveAsync(received.AsMemory(count), SocketFlags.None, cancellationToken);
            if (more == 0)
                throw new EndOfStreamException($"the peer closed after {count} bytes of its greeting");
            count += more;
            if (ZmtpGreeting.Read(received.AsSpan(0, count), curve) is { } greeting)
                return greeting;
        }
    }

    /// <summary>Afterwards <see cref="ZmtpFrameReader.Command"/> is the next command.</summary>
    private static async Task ReadCommandAsync(Socket socket, ZmtpFrameReader reader, string closed, CancellationToken cancellationToken)
    {
        while (reader.Read(out _) != ZmtpRead.Command)
        {
            int count = socket.Receive(reader.GetBuffer().Span, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                // As the receive loop does: a peer that takes its time holds no buffer.
                reader.ReleaseIfEmpty();
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken);
                continue;
            }

            if (error != SocketError.Success)
                throw new SocketException((int)error);
            if (count == 0)
                throw new EndOfStreamException(closed);
            reader.Advance(count);
        }
    }

    private static ZmtpReady ReadReady(ZmtpFrameReader reader)
    {
        ZmtpCommand command = ZmtpCommand.Read(reader.Command, reader.Offset);
        if (command.IsError)
            throw new ZmtpPeerErrorException(command.ErrorReason());
        if (!command.IsReady)
            throw new ZmtpProtocolException("the first command is not READY", "handshake", reader.Offset);
        return ZmtpReady.Read(command.Data, reader.Offset);
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
    }

    private static string Name(ZmtpSocketType type) => type.ToString().ToUpperInvariant();
}
