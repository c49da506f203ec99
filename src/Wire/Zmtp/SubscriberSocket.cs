namespace Wire.Zmtp;

/// <summary>SUB: receives what its peers publish under the topics it asked for (RFC 29).</summary>
public sealed class SubscriberSocket(ZmtpOptions options, TimeProvider time) : ZmtpReceivingSocket(ZmtpSocketType.Sub, options, time)
{
    /// <summary>Asks every peer, now and after each reconnect, for messages whose first frame begins with <paramref name="topic"/>; empty asks for all. Counted.</summary>
    public void Subscribe(ReadOnlySpan<byte> topic) => throw new NotImplementedException();

    /// <summary>Undoes one <see cref="Subscribe"/> of the same topic; without one it does nothing.</summary>
    public void Unsubscribe(ReadOnlySpan<byte> topic) => throw new NotImplementedException();
}
