namespace Wire.Zmtp;

/// <summary>The peer refused us with an ERROR command; the message is its reason.</summary>
public sealed class ZmtpPeerErrorException(string reason) : IOException($"the peer refused the connection: {reason}");
