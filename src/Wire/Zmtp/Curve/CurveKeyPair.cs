using System.Security.Cryptography;

namespace Wire.Zmtp.Curve;

/// <summary>A Curve25519 key pair. Its secret half never moves in memory and is zeroed when disposed.</summary>
public sealed class CurveKeyPair : IDisposable
{
    /// <summary>Length of either half.</summary>
    public const int KeyBytes = CurveSizes.Key;

    private readonly byte[] _publicKey = new byte[CurveSizes.Key];
    private readonly byte[] _secretKey = GC.AllocateArray<byte>(CurveSizes.Key, pinned: true);
    private bool _disposed;

    private CurveKeyPair()
    {
    }

    /// <summary>32 bytes.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>The public key in Z85 (RFC 32), 40 characters.</summary>
    public string PublicText => Z85.Write(_publicKey);

    /// <summary>The secret key in Z85, for the connection file of a kernel and for nothing else: text cannot be zeroed.</summary>
    public string SecretText => Z85.Write(SecretKey);

    internal ReadOnlySpan<byte> SecretKey
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _secretKey;
        }
    }

    /// <summary>Reads one key from Z85; false when the text is none.</summary>
    /// <param name="text">40 characters.</param>
    /// <param name="key">At least <see cref="KeyBytes"/>.</param>
    public static bool TryReadKey(ReadOnlySpan<char> text, Span<byte> key) => Z85.TryRead(text, key);

    /// <summary>A fresh pair.</summary>
    /// <exception cref="NotSupportedException">libsodium is not installed.</exception>
    public static CurveKeyPair Generate() => Generate(Sodium.Instance);

    internal static CurveKeyPair Generate(ICurveCrypto crypto)
    {
        CurveKeyPair pair = new();
        crypto.MakeKeyPair(pair._publicKey, pair._secretKey);
        return pair;
    }

    /// <summary>Reads a pair from Z85.</summary>
    /// <exception cref="FormatException">One of them is no key; the text says which, and never what it was.</exception>
    public static CurveKeyPair Parse(string publicText, string secretText)
    {
        CurveKeyPair pair = new();
        if (!Z85.TryRead(publicText, pair._publicKey))
            throw new FormatException("the public key is not 32 bytes in Z85 (40 characters)");
        if (!Z85.TryRead(secretText, pair._secretKey))
            throw new FormatException("the secret key is not 32 bytes in Z85 (40 characters)");
        return pair;
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secretKey);
    }

    /// <summary>The public key.</summary>
    public override string ToString() => PublicText;
}
