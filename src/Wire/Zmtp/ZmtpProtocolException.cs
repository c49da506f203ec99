using System.Globalization;

namespace Wire.Zmtp;

/// <summary>The peer broke the protocol or went beyond a limit.</summary>
/// <param name="problem">What was wrong, naming the option if a limit was passed.</param>
/// <param name="place">Where: <c>greeting</c>, <c>frame</c>, <c>READY</c> …</param>
/// <param name="offset">Bytes received on the connection before the offending one.</param>
public sealed class ZmtpProtocolException(string problem, string place, long offset)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"{problem} ({place}, {offset} bytes in)"))
{
    /// <summary>What the peer reads in ERROR instead of <see cref="Problem"/>: a status of RFC 27, where more would help who tries keys.</summary>
    internal string? ToldPeer { get; init; }

    public string Problem { get; } = problem;

    public string Place { get; } = place;

    public long Offset { get; } = offset;
}
