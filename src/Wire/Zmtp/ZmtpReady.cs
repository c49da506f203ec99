using System.Buffers.Binary;
using System.Text;

namespace Wire.Zmtp;

/// <summary>What a peer says of itself in READY (RFC 37, "The NULL Security Mechanism").</summary>
/// <remarks><code>
/// property = name length (1) | name | value length (4, big-endian) | value
/// </code></remarks>
/// <param name="SocketType">Null when not said, which libzmq tolerates too.</param>
internal readonly record struct ZmtpReady(ZmtpSocketType? SocketType, ReadOnlyMemory<byte> Identity)
{
    public const int MaxIdentityBytes = 255;

    public static byte[] Write(ZmtpSocketType type, ReadOnlySpan<byte> identity) =>
        ZmtpFrameWriter.Command("READY"u8, Properties(type, identity));

    /// <summary>What we say of ourselves, in whatever command the mechanism puts it.</summary>
    public static byte[] Properties(ZmtpSocketType type, ReadOnlySpan<byte> identity)
    {
        // Spelled exactly so: libzmq compares names byte by byte.
        List<byte> data = [];
        Add(data, "Socket-Type"u8, type.WireName());
        if (type.AnnouncesIdentity())
            Add(data, "Identity"u8, identity);
        return data.ToArray();
    }

    /// <exception cref="ZmtpProtocolException">Properties that do not fill the command exactly, an unknown socket type, an identity no peer may have.</exception>
    public static ZmtpReady Read(ReadOnlySpan<byte> data, long offset)
    {
        ZmtpSocketType? type = null;
        byte[] identity = [];
        while (!data.IsEmpty)
        {
            ReadOnlySpan<byte> name = Take(ref data, data[0] + 1, offset)[1..];
            uint length = BinaryPrimitives.ReadUInt32BigEndian(Take(ref data, 4, offset));
            ReadOnlySpan<byte> value = Take(ref data, length, offset);
            if (Ascii.EqualsIgnoreCase(name, "Socket-Type"u8))
                type = ReadType(value, offset);
            else if (Ascii.EqualsIgnoreCase(name, "Identity"u8))
                identity = ReadIdentity(value, offset);
        }

        return new ZmtpReady(type, identity);
    }

    /// <summary>True for what a socket of ours may call itself: empty, or at most 255 bytes of which the first is not 0.</summary>
    public static bool IsIdentity(ReadOnlySpan<byte> identity) =>
        identity.IsEmpty || (identity.Length <= MaxIdentityBytes && identity[0] != 0);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> data, long count, long offset)
    {
        if (count > data.Length)
            throw new ZmtpProtocolException("a property is longer than the command", "READY", offset);
        ReadOnlySpan<byte> taken = data[..(int)count];
        data = data[(int)count..];
        return taken;
    }

    private static ZmtpSocketType ReadType(ReadOnlySpan<byte> value, long offset) => ZmtpSocketTypes.TryParse(value, out ZmtpSocketType type)
        ? type
        : throw new ZmtpProtocolException("Socket-Type is none of those of ZMTP 3.1", "READY", offset);

    // Identities beginning with 0 are those a ROUTER invents: taking one from a peer would let it take over another's.
    private static byte[] ReadIdentity(ReadOnlySpan<byte> value, long offset) => IsIdentity(value)
        ? value.ToArray()
        : throw new ZmtpProtocolException($"Identity begins with 0 or is longer than {nameof(MaxIdentityBytes)} = {MaxIdentityBytes}", "READY", offset);

    private static void Add(List<byte> data, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, value.Length);
        data.Add((byte)name.Length);
        data.AddRange(name);
        data.AddRange(length);
        data.AddRange(value);
    }
}
