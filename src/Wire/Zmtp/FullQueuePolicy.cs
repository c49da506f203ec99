namespace Wire.Zmtp;

/// <summary>What a send does when the queue of the peer has reached <see cref="ZmtpOptions.SendHighWaterMark"/> or <see cref="ZmtpOptions.SendHighWaterMarkBytes"/>.</summary>
public enum FullQueuePolicy
{
    /// <summary>As the socket type is known for: DEALER and REQ wait, ROUTER, REP and PUB drop.</summary>
    AsSocketType,

    /// <summary>The send waits until there is room or it is cancelled. PUB never waits.</summary>
    Wait,

    /// <summary>The message is lost, counted in <see cref="ZmtpPeer.Dropped"/> and reported by <see cref="ZmtpEvent.Dropping"/>.</summary>
    Drop,
}
