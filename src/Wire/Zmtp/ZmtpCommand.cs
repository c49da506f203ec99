using System.Buffers.Binary;
using System.Text;

namespace Wire.Zmtp;

/// <summary>The body of a command frame: name length (1), name, data (RFC 37, "Commands").</summary>
internal readonly ref struct ZmtpCommand
{
    /// <summary>A PING carries at most so much context; a longer one is cut, as libzmq does.</summary>
    public const int MaxContextBytes = 16;

    private ZmtpCommand(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Name = name;
        Data = data;
    }

    public ReadOnlySpan<byte> Name { get; }

    public ReadOnlySpan<byte> Data { get; }

    public bool IsReady => Name.SequenceEqual("READY"u8);

    public bool IsError => Name.SequenceEqual("ERROR"u8);

    public bool IsPing => Name.SequenceEqual("PING"u8);

    public bool IsPong => Name.SequenceEqual("PONG"u8);

    public bool IsSubscribe => Name.SequenceEqual("SUBSCRIBE"u8);

    public bool IsCancel => Name.SequenceEqual("CANCEL"u8);

    /// <param name="offset">Bytes of the connection before the end of the command, for errors.</param>
    /// <exception cref="ZmtpProtocolException">The name is empty or longer than the command.</exception>
    public static ZmtpCommand Read(ReadOnlySpan<byte> body, long offset)
    {
        if (body.IsEmpty || body[0] == 0 || body[0] > body.Length - 1)
            throw new ZmtpProtocolException("a command has no name, or one that is longer than itself", "command", offset);
        return new ZmtpCommand(body.Slice(1, body[0]), body[(1 + body[0])..]);
    }

    /// <summary>Time to live and context of a PING: ttl in tenths of a second (2), context (0 to 16).</summary>
    /// <exception cref="ZmtpProtocolException">There are not even two bytes.</exception>
    public ReadOnlySpan<byte> PingContext(long offset, out TimeSpan timeToLive)
    {
        if (Data.Length < 2)
            throw new ZmtpProtocolException("a PING has no time to live", "PING", offset);
        timeToLive = TimeSpan.FromMilliseconds(100L * BinaryPrimitives.ReadUInt16BigEndian(Data));
        return Data.Slice(2, Math.Min(Data.Length - 2, MaxContextBytes));
    }

    /// <summary>The reason of an ERROR: length (1), text; tolerant, since the connection ends anyway.</summary>
    public string ErrorReason()
    {
        ReadOnlySpan<byte> text = Data.IsEmpty ? [] : Data.Slice(1, Math.Min(Data[0], Data.Length - 1));
        return string.Concat(Encoding.Latin1.GetString(text).Select(c => c is >= ' ' and <= '~' ? c : '?'));
    }

    public static byte[] Error(string reason)
    {
        byte[] text = Encoding.ASCII.GetBytes(reason.Length > byte.MaxValue ? reason[..byte.MaxValue] : reason);
        return ZmtpFrameWriter.Command("ERROR"u8, [(byte)text.Length, .. text]);
    }

    public static byte[] Ping(TimeSpan timeToLive)
    {
        Span<byte> data = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)Math.Min(timeToLive.TotalMilliseconds / 100, ushort.MaxValue));
        return ZmtpFrameWriter.Command("PING"u8, data);
    }

    public static byte[] Pong(ReadOnlySpan<byte> context) => ZmtpFrameWriter.Command("PONG"u8, context);

    /// <summary>SUBSCRIBE or CANCEL in the form a peer of that minor version understands (RFC 37, "Publish-Subscribe").</summary>
    public static byte[] Subscription(ReadOnlySpan<byte> topic, bool subscribe, int minor) => minor >= 1
        ? ZmtpFrameWriter.Command(subscribe ? "SUBSCRIBE"u8 : "CANCEL"u8, topic)
        : ZmtpFrameWriter.Message([(byte[])[(byte)(subscribe ? 1 : 0), .. topic]]);
}
