using System.Text;
using Wire.Zmtp.Curve;

namespace Wire.Zmtp;

/// <summary>The 64 bytes with which each side begins (RFC 37, "Greeting").</summary>
/// <remarks><code>
/// FF | 8 × any | 7F | major | minor | mechanism (20, zero padded) | as-server | 31 × 00
/// </code></remarks>
/// <param name="Minor">The minor version both speak when we announce 1: a later major counts as 3.1.</param>
internal readonly record struct ZmtpGreeting(int Major, int Minor)
{
    public const int Length = 64;

    private const int MajorAt = 10;
    private const int MinorAt = 11;
    private const int MechanismAt = 12;
    private const int MechanismLength = 20;
    private const int AsServerAt = 32;

    /// <param name="curve">Our side of CURVE; null for the mechanism NULL.</param>
    public static byte[] Ours(int minor, CurveSecurity? curve = null)
    {
        byte[] greeting = new byte[Length];
        greeting[0] = 0xFF;
        // As libzmq: read as the length of a ZMTP 1 frame, so that an ancient peer waits instead of failing.
        greeting[8] = 1;
        greeting[9] = 0x7F;
        greeting[MajorAt] = 3;
        greeting[MinorAt] = (byte)minor;
        Mechanism(curve).CopyTo(greeting.AsSpan(MechanismAt));
        greeting[AsServerAt] = curve is { IsServer: true } ? (byte)1 : (byte)0;
        return greeting;
    }

    /// <summary>Null while fewer than 64 bytes are there; a wrong byte is refused as soon as it is seen.</summary>
    /// <exception cref="ZmtpProtocolException">Not ZMTP 3, or another mechanism than ours. What it says of as-server is not looked at: libzmq says 0 on both sides.</exception>
    public static ZmtpGreeting? Read(ReadOnlySpan<byte> received, CurveSecurity? curve = null)
    {
        if (received.Length > 0 && received[0] != 0xFF)
            throw Wrong($"the first byte is {received[0]:X2}, not FF: the peer does not speak ZMTP 3", 0);
        if (received.Length > 9 && (received[9] & 1) == 0)
            throw Wrong($"byte 9 is {received[9]:X2}: the peer speaks ZMTP 1", 9);
        if (received.Length > MajorAt && received[MajorAt] < 3)
            throw Wrong($"the peer speaks ZMTP {received[MajorAt]}, not 3", MajorAt);
        if (received.Length < Length)
            return null;
        ReadOnlySpan<byte> mechanism = received.Slice(MechanismAt, MechanismLength).TrimEnd((byte)0);
        if (!mechanism.SequenceEqual(Mechanism(curve)))
            throw Wrong($"the mechanism is '{Printable(mechanism)}', not {Printable(Mechanism(curve))}", MechanismAt);
        return new ZmtpGreeting(received[MajorAt], received[MajorAt] > 3 ? 1 : Math.Min((int)received[MinorAt], 1));
    }

    private static ReadOnlySpan<byte> Mechanism(CurveSecurity? curve) => curve is null ? "NULL"u8 : "CURVE"u8;

    private static string Printable(ReadOnlySpan<byte> text) =>
        string.Concat(Encoding.Latin1.GetString(text).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '?'));

    private static ZmtpProtocolException Wrong(string problem, long offset) => new(problem, "greeting", offset);
}
