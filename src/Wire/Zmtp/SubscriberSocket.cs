using System.Collections.Immutable;

namespace Wire.Zmtp;

/// <summary>SUB: receives what its peers publish under the topics it asked for (RFC 29).</summary>
public sealed class SubscriberSocket(ZmtpOptions options, TimeProvider time) : ZmtpReceivingSocket(ZmtpSocketType.Sub, default, options, time)
{
    private readonly Lock _gate = new();
    private readonly ZmtpSubscriptions _topics = new();
    private ImmutableArray<ZmtpConnection> _joined = [];

    /// <summary>Asks every peer, now and after each reconnect, for messages whose first frame begins with <paramref name="topic"/>; empty asks for all. Counted.</summary>
    public void Subscribe(ReadOnlySpan<byte> topic)
    {
        lock (_gate)
        {
            if (!_topics.Add(topic))
                return;
            foreach (ZmtpConnection connection in _joined)
                Send(connection, topic, subscribe: true);
        }
    }

    /// <summary>Undoes one <see cref="Subscribe"/> of the same topic; without one it does nothing.</summary>
    public void Unsubscribe(ReadOnlySpan<byte> topic)
    {
        lock (_gate)
        {
            if (!_topics.Remove(topic))
                return;
            foreach (ZmtpConnection connection in _joined)
                Send(connection, topic, subscribe: false);
        }
    }

    // What was published before a cancel arrived is still on its way and no longer wanted.
    internal override ValueTask OnMessageAsync(ZmtpConnection from, ZmtpMessage message)
    {
        if (Wants(message))
            return base.OnMessageAsync(from, message);
        message.Release();
        return ValueTask.CompletedTask;
    }

    private protected override void OnJoined(ZmtpConnection connection)
    {
        lock (_gate)
        {
            foreach (byte[] topic in _topics.Topics)
                Send(connection, topic, subscribe: true);
            _joined = _joined.Add(connection);
        }
    }

    private protected override void OnLeft(ZmtpConnection connection)
    {
        lock (_gate)
            _joined = _joined.Remove(connection);
    }

    private static void Send(ZmtpConnection connection, ReadOnlySpan<byte> topic, bool subscribe) =>
        connection.Outbox.AddCommand(ZmtpCommand.Subscription(topic, subscribe, connection.Peer.Minor));

    private bool Wants(ZmtpMessage message)
    {
        lock (_gate)
            return _topics.Match(message[0].Span);
    }
}
