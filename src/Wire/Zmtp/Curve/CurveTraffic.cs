using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Wire.Zmtp.Curve;

/// <summary>
/// Frames of one connection ⇄ MESSAGE (RFC 26, "The MESSAGE command"). Sending is one thread's at a time and receiving another's; they share nothing but the key.
/// </summary>
/// <remarks><code>
/// outer frame, neither MORE nor COMMAND:  7 "MESSAGE" | nonce (8) | box of: flags (1) | body
/// flags inside: 1 MORE, 2 COMMAND
/// </code></remarks>
internal sealed class CurveTraffic : IDisposable
{
    /// <summary>What a sealed body is longer than the body.</summary>
    public const int Overhead = PrefixBytes + CurveSizes.ShortNonce + CurveSizes.Tag + 1;

    private const int PrefixBytes = 8;
    private const byte MoreInside = 1;
    private const byte CommandInside = 2;

    private readonly ICurveCrypto _crypto;
    private readonly byte[] _key = GC.AllocateArray<byte>(CurveSizes.Key, pinned: true);
    private readonly byte[] _sealing;
    private readonly byte[] _opening;
    private ulong _sent;
    private ulong _heard;

    /// <param name="key">Copied.</param>
    /// <param name="isServer">Whose nonces are whose.</param>
    /// <param name="sent">The number of our last nonce.</param>
    /// <param name="heard">The number of the peer's last nonce.</param>
    public CurveTraffic(ICurveCrypto crypto, ReadOnlySpan<byte> key, bool isServer, ulong sent, ulong heard)
    {
        _crypto = crypto;
        key.CopyTo(_key);
        byte[] fromClient = [.. "CurveZMQMESSAGEC"u8, .. new byte[CurveSizes.ShortNonce]];
        byte[] fromServer = [.. "CurveZMQMESSAGES"u8, .. new byte[CurveSizes.ShortNonce]];
        (_sealing, _opening) = isServer ? (fromServer, fromClient) : (fromClient, fromServer);
        _sent = sent;
        _heard = heard;
    }

    /// <summary>Bytes that <see cref="Seal"/> makes of whole frames.</summary>
    public static long Measure(ReadOnlySpan<byte> frames)
    {
        long length = 0;
        while (!frames.IsEmpty)
            length += SealedLength(Next(ref frames, out _).Length);
        return length;
    }

    /// <summary>How many bytes of <paramref name="frames"/> belong to frames that lie whole in the first <paramref name="written"/> sealed bytes.</summary>
    public static int PlainBytes(ReadOnlySpan<byte> frames, int written)
    {
        int whole = frames.Length;
        while (!frames.IsEmpty)
        {
            int left = frames.Length;
            written -= (int)SealedLength(Next(ref frames, out _).Length);
            if (written < 0)
                return whole - left;
        }

        return whole;
    }

    /// <summary>Seals whole frames, as <see cref="ZmtpFrameWriter"/> makes them, one by one; messages and commands alike.</summary>
    public void Seal(ReadOnlySpan<byte> frames, Span<byte> target)
    {
        while (!frames.IsEmpty)
        {
            ReadOnlySpan<byte> body = Next(ref frames, out byte flags);
            target = target[ZmtpFrameHeader.Write(target, body.Length + Overhead, 0)..];
            WritePrefix(target);
            Span<byte> box = target.Slice(PrefixBytes + CurveSizes.ShortNonce, CurveSizes.Tag + 1 + body.Length);
            // Sealed in place, so that flags and body need no buffer of their own.
            Span<byte> plain = box[CurveSizes.Tag..];
            plain[0] = (byte)(((flags & ZmtpFrameHeader.MoreFlag) != 0 ? MoreInside : 0) | ((flags & ZmtpFrameHeader.CommandFlag) != 0 ? CommandInside : 0));
            body.CopyTo(plain[1..]);
            BinaryPrimitives.WriteUInt64BigEndian(_sealing.AsSpan(CurveSizes.LongNonce), checked(++_sent));
            _sealing.AsSpan(CurveSizes.LongNonce).CopyTo(target[PrefixBytes..]);
            _crypto.Seal(plain, _sealing, _key, box);
            target = target[(body.Length + Overhead)..];
        }
    }

    /// <summary>Opens the body of one outer frame, in place.</summary>
    /// <exception cref="ZmtpProtocolException">Not a MESSAGE, a nonce that was used, or a box that cannot be opened.</exception>
    public Memory<byte> Open(Memory<byte> outer, out bool more, out bool command, long offset)
    {
        Span<byte> bytes = outer.Span;
        if (bytes.Length < Overhead || bytes[0] != PrefixBytes - 1 || !bytes[1..PrefixBytes].SequenceEqual("MESSAGE"u8))
            throw new ZmtpProtocolException("what came is no MESSAGE of CURVE", "MESSAGE", offset);
        ReadOnlySpan<byte> nonce = bytes.Slice(PrefixBytes, CurveSizes.ShortNonce);
        ulong number = BinaryPrimitives.ReadUInt64BigEndian(nonce);
        if (number <= _heard)
            throw new ZmtpProtocolException($"its nonce {number} does not follow {_heard}: it was sent before", "MESSAGE", offset);
        nonce.CopyTo(_opening.AsSpan(CurveSizes.LongNonce));
        Memory<byte> plain = outer.Slice(PrefixBytes + CurveSizes.ShortNonce + CurveSizes.Tag);
        if (!_crypto.TryOpen(bytes[(PrefixBytes + CurveSizes.ShortNonce)..], _opening, _key, plain.Span))
            throw new ZmtpProtocolException("it cannot be opened: it was changed on its way", "MESSAGE", offset);
        _heard = number;
        byte flags = plain.Span[0];
        more = (flags & MoreInside) != 0;
        command = (flags & CommandInside) != 0;
        return plain[1..];
    }

    /// <summary>Once neither side of the connection seals or opens any more.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    private static void WritePrefix(Span<byte> target)
    {
        target[0] = PrefixBytes - 1;
        "MESSAGE"u8.CopyTo(target[1..]);
    }

    private static long SealedLength(int body) => ZmtpFrameHeader.LengthFor(body + Overhead) + (long)body + Overhead;

    /// <summary>Cuts the first frame off; ours, so it is whole.</summary>
    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> frames, out byte flags)
    {
        ZmtpFrameHeader.TryRead(frames, out ZmtpFrameHeader header);
        flags = header.Flags;
        ReadOnlySpan<byte> body = frames.Slice(header.Length, (int)header.Size);
        frames = frames[(header.Length + (int)header.Size)..];
        return body;
    }
}
