using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Wire.Zmtp.Curve;

/// <summary>
/// One side's part of the handshake, without I/O: commands in, commands out (RFC 26, "The CurveZMQ handshake"). Short-term keys live as long as this object.
/// </summary>
/// <remarks><code>
/// client                                     server
///   HELLO     C', [0 × 64](C'→S)        →
///                                       ←    WELCOME   [S', cookie](S→C')
///   INITIATE  cookie, [C, vouch, metadata](C'→S')  →      vouch = [C', S](C→S')
///                                       ←    READY     [metadata](S'→C')
/// </code>
/// A fault is told to nobody but the caller: an ERROR would help who tries keys.
/// </remarks>
internal abstract class CurveHandshake : IDisposable
{
    private protected CurveHandshake(CurveSecurity security, byte[] properties)
    {
        Security = security;
        Properties = properties;
        Crypto.MakeKeyPair(OwnShortTerm, OwnShortTermSecret);
    }

    /// <summary>The first command, of the side that begins.</summary>
    public virtual byte[]? Opening => null;

    /// <summary>What the peer says of itself; set when the handshake is through.</summary>
    public ZmtpReady? Ready { get; private protected set; }

    /// <summary>Seals and opens messages from then on; whoever takes it disposes it.</summary>
    public CurveTraffic? Traffic { get; private protected set; }

    private protected CurveSecurity Security { get; }

    private protected byte[] Properties { get; }

    private protected ICurveCrypto Crypto => Security.Crypto;

    private protected byte[] OwnShortTerm { get; } = new byte[CurveSizes.Key];

    private protected byte[] OwnShortTermSecret { get; } = Secret();

    /// <summary>The shared key of the short-term keys, under which messages travel.</summary>
    private protected byte[] SessionKey { get; } = Secret();

    /// <summary>The number of our last short nonce.</summary>
    private protected ulong Sent { get; set; }

    /// <summary>The number of the peer's last short nonce.</summary>
    private protected ulong Heard { get; private set; }

    /// <summary>The peer's next command; the result is ours, if there is one to send.</summary>
    /// <exception cref="ZmtpProtocolException">Not the command that comes now, of another length, or not sealed by who should have.</exception>
    /// <exception cref="ZmtpPeerErrorException">The peer sent ERROR.</exception>
    public abstract byte[]? Take(ZmtpCommand command, long offset);

    public virtual void Dispose()
    {
        CryptographicOperations.ZeroMemory(OwnShortTermSecret);
        CryptographicOperations.ZeroMemory(SessionKey);
    }

    private protected static byte[] Secret() => GC.AllocateArray<byte>(CurveSizes.Key, pinned: true);

    private protected static ZmtpProtocolException Wrong(string problem, ReadOnlySpan<byte> name, long offset) =>
        new(problem, System.Text.Encoding.ASCII.GetString(name), offset);

    /// <summary>Data of the expected command, of at least so many bytes.</summary>
    private protected static ReadOnlySpan<byte> Expect(ZmtpCommand command, ReadOnlySpan<byte> name, int least, int most, long offset)
    {
        if (command.IsError)
            throw new ZmtpPeerErrorException(command.ErrorReason());
        if (!command.Name.SequenceEqual(name))
            throw Wrong("another command came", name, offset);
        if (command.Data.Length < least || command.Data.Length > most)
            throw Wrong($"its data has {command.Data.Length} bytes", name, offset);
        return command.Data;
    }

    private protected void Agree(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> secretKey, Span<byte> shared, ReadOnlySpan<byte> name, long offset)
    {
        if (!Crypto.TryAgree(publicKey, secretKey, shared))
            throw Wrong("a key of the peer is none", name, offset);
    }

    /// <summary>Opens a box or says that it cannot be opened, which is all anybody can say.</summary>
    private protected byte[] Open(ReadOnlySpan<byte> box, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> shared, ReadOnlySpan<byte> name, long offset)
    {
        byte[] plain = new byte[box.Length - CurveSizes.Tag];
        return Crypto.TryOpen(box, nonce, shared, plain) ? plain : throw Wrong("it cannot be opened: it was changed, or sealed with another key", name, offset);
    }

    /// <summary>Counts a short nonce of the peer.</summary>
    private protected void Hear(ReadOnlySpan<byte> shortNonce, ReadOnlySpan<byte> name, long offset)
    {
        ulong number = BinaryPrimitives.ReadUInt64BigEndian(shortNonce);
        if (number <= Heard)
            throw Wrong($"its nonce {number} does not follow {Heard}", name, offset);
        Heard = number;
    }

    /// <summary>Beginning and rest of a nonce together.</summary>
    private protected static byte[] Nonce(ReadOnlySpan<byte> beginning, ReadOnlySpan<byte> rest) => [.. beginning, .. rest];

    private protected byte[] NextShortNonce()
    {
        byte[] nonce = new byte[CurveSizes.ShortNonce];
        BinaryPrimitives.WriteUInt64BigEndian(nonce, ++Sent);
        return nonce;
    }

    private protected byte[] FreshLongNonce()
    {
        byte[] nonce = new byte[CurveSizes.LongNonce];
        Crypto.Fill(nonce);
        return nonce;
    }

    private protected byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> shared)
    {
        byte[] box = new byte[plain.Length + CurveSizes.Tag];
        Crypto.Seal(plain, nonce, shared, box);
        return box;
    }
}
