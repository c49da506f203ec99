namespace Wire.Zmtp;

/// <summary>What <see cref="HeartbeatPolicy"/> decides: send a PING or not, close or not, and when to ask again.</summary>
/// <param name="AskAgainIn">Null when there is nothing to wait for.</param>
internal readonly record struct HeartbeatStep(bool Ping, bool Close, TimeSpan? AskAgainIn);
