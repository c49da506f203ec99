using System.Text;

namespace Wire.Zmtp;

/// <summary>How socket types are spelled on the wire and which pairs may talk (RFC 37, "The Socket-Type Property").</summary>
public static class ZmtpSocketTypes
{
    private static readonly byte[][] Names =
        [.. Enum.GetNames<ZmtpSocketType>().Select(name => Encoding.ASCII.GetBytes(name.ToUpperInvariant()))];

    public static ReadOnlySpan<byte> WireName(this ZmtpSocketType type) => Names[(int)type];

    /// <summary>Exact spelling only: peers close on <c>dealer</c> too.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out ZmtpSocketType type)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (!name.SequenceEqual(Names[i]))
                continue;
            type = (ZmtpSocketType)i;
            return true;
        }

        type = default;
        return false;
    }

    public static bool MayTalkTo(this ZmtpSocketType self, ZmtpSocketType peer) => self switch
    {
        ZmtpSocketType.Req => peer is ZmtpSocketType.Rep or ZmtpSocketType.Router,
        ZmtpSocketType.Rep => peer is ZmtpSocketType.Req or ZmtpSocketType.Dealer,
        ZmtpSocketType.Dealer => peer is ZmtpSocketType.Rep or ZmtpSocketType.Dealer or ZmtpSocketType.Router,
        ZmtpSocketType.Router => peer is ZmtpSocketType.Req or ZmtpSocketType.Dealer or ZmtpSocketType.Router,
        ZmtpSocketType.Pub or ZmtpSocketType.XPub => peer is ZmtpSocketType.Sub or ZmtpSocketType.XSub,
        ZmtpSocketType.Sub or ZmtpSocketType.XSub => peer is ZmtpSocketType.Pub or ZmtpSocketType.XPub,
        ZmtpSocketType.Push => peer is ZmtpSocketType.Pull,
        ZmtpSocketType.Pull => peer is ZmtpSocketType.Push,
        ZmtpSocketType.Pair => peer is ZmtpSocketType.Pair,
        _ => false,
    };

    /// <summary>Only these announce the property <c>Identity</c>.</summary>
    public static bool AnnouncesIdentity(this ZmtpSocketType type) =>
        type is ZmtpSocketType.Req or ZmtpSocketType.Dealer or ZmtpSocketType.Router;
}
