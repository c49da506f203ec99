using System.Net.Sockets;

namespace Wire.Zmtp;

/// <summary>
/// Greeting and READY of both sides. Each step waits for what the protocol wants read first: our greeting leaves at once, our READY
/// after the peer's greeting, messages after the peer's READY.
/// </summary>
internal static class ZmtpHandshake
{
    /// <summary>Leaves the socket non-blocking, as <see cref="ZmtpConnection"/> wants it.</summary>
    /// <exception cref="ZmtpProtocolException">The peer speaks something else, or is of a type that may not talk to <paramref name="self"/>.</exception>
    /// <exception cref="ZmtpPeerErrorException">The peer sent ERROR.</exception>
    /// <exception cref="EndOfStreamException">The peer closed.</exception>
    public static async Task<(ZmtpReady Ready, int Minor, ZmtpFrameReader Reader)> RunAsync(
        Socket socket, ZmtpSocketType self, ReadOnlyMemory<byte> identity, ZmtpOptions options, CancellationToken cancellationToken)
    {
        socket.Blocking = false;
        await SendAsync(socket, ZmtpGreeting.Ours(options.Minor), cancellationToken);
        ZmtpGreeting greeting = await ReadGreetingAsync(socket, cancellationToken);
        await SendAsync(socket, ZmtpReady.Write(self, identity.Span), cancellationToken);
        ZmtpFrameReader reader = new(options, ZmtpGreeting.Length) { CommandsOnly = true };
        try
        {
            ZmtpReady ready = await ReadReadyAsync(socket, reader, cancellationToken);
            if (ready.SocketType is { } type && !self.MayTalkTo(type))
                throw new ZmtpProtocolException($"a {Name(type)} may not talk to a {Name(self)}", "READY", reader.Offset);
            reader.CommandsOnly = false;
            return (ready, Math.Min(greeting.Minor, options.Minor), reader);
        }
        catch (ZmtpProtocolException fault)
        {
            reader.Dispose();
            // Best effort: the peer may log why.
            socket.Send(ZmtpCommand.Error(fault.Problem), SocketFlags.None, out _);
            throw;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static async Task<ZmtpGreeting> ReadGreetingAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] received = new byte[ZmtpGreeting.Length];
        int count = 0;
        while (true)
        {
            int more = await socket.ReceiveAsync(received.AsMemory(count), SocketFlags.None, cancellationToken);
            if (more == 0)
                throw new EndOfStreamException($"the peer closed after {count} bytes of its greeting");
            count += more;
            if (ZmtpGreeting.Read(received.AsSpan(0, count)) is { } greeting)
                return greeting;
        }
    }

    private static async Task<ZmtpReady> ReadReadyAsync(Socket socket, ZmtpFrameReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (reader.Read(out _) == ZmtpRead.Command)
                return ReadReady(reader);
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
                throw new EndOfStreamException("the peer closed before READY");
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
