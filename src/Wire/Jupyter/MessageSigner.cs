using System.Security.Cryptography;
using System.Text;

namespace Wire.Jupyter;

/// <summary>
/// Signs and checks messages: lowercase hex of an HMAC over header, parent header, metadata and content, exactly as sent (messaging
/// spec, "The wire protocol"); identities and buffers are not covered. Safe for several threads; allocates nothing per message.
/// </summary>
public sealed class MessageSigner : IDisposable
{
    /// <summary>Longest signature, in hex digits (HMAC-SHA512).</summary>
    public const int MaxSignatureLength = 128;

    private readonly HashAlgorithmName _algorithm;
    private readonly byte[] _key;
    private readonly Sha256Mac? _fast;

    // Hashes not in use at the moment; more threads than slots make and dispose their own.
    private readonly IncrementalHash?[] _spare = new IncrementalHash?[4];

    /// <param name="key">Its UTF-8 bytes are the key; empty switches signing off: signatures are empty, and any is accepted.</param>
    /// <param name="scheme"><c>hmac-sha256</c>, <c>hmac-sha512</c> or <c>hmac-md5</c>.</param>
    /// <exception cref="NotSupportedException">Another scheme; the text names it.</exception>
    public MessageSigner(string key, string scheme = "hmac-sha256")
    {
        _key = Encoding.UTF8.GetBytes(key);
        _algorithm = scheme switch
        {
            "hmac-sha256" => HashAlgorithmName.SHA256,
            "hmac-sha512" => HashAlgorithmName.SHA512,
            // Only because a foreign kernel may insist; our own connections never choose it.
            "hmac-md5" => HashAlgorithmName.MD5,
            _ => throw new NotSupportedException($"signature_scheme '{scheme}' is none of hmac-sha256, hmac-sha512, hmac-md5"),
        };
        _fast = _algorithm == HashAlgorithmName.SHA256 ? Sha256Mac.TryCreate(_key) : null;
        SignatureLength = _key.Length == 0 ? 0 : scheme switch { "hmac-sha256" => 64, "hmac-sha512" => 128, _ => 32 };
    }

    /// <summary>Hex digits of a signature; 0 when signing is off.</summary>
    public int SignatureLength { get; }

    /// <summary>Writes the signature of a message; returns its length.</summary>
    /// <param name="message">What to sign.</param>
    /// <param name="signature">At least <see cref="SignatureLength"/> bytes.</param>
    public int Sign(KernelMessage message, Span<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Sign(message.Header.Span, message.ParentHeader.Span, message.Metadata.Span, message.Content.Span, signature);
    }

    /// <summary>Writes the signature of the four parts; returns its length.</summary>
    public int Sign(ReadOnlySpan<byte> header, ReadOnlySpan<byte> parentHeader, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> content, Span<byte> signature)
    {
        if (SignatureLength == 0)
            return 0;

        var hash = Rent();
        try
        {
            Append(hash, header);
            Append(hash, parentHeader);
            Append(hash, metadata);
            Append(hash, content);
            Span<byte> mac = stackalloc byte[MaxSignatureLength / 2];
            var length = hash.GetHashAndReset(mac);
            if (!Convert.TryToHexStringLower(mac[..length], signature, out var written))
                throw new ArgumentException($"A signature needs {SignatureLength} bytes", nameof(signature));
            return written;
        }
        finally
        {
            Return(hash);
        }
    }

    /// <summary>True when the signature fits the four parts as they lie one behind the other; takes the same time wherever it differs.</summary>
    public bool Verify(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> parts)
    {
        if (_fast is null || SignatureLength == 0)
            return Verify(signature, parts, default, default, default);
        Span<byte> mac = stackalloc byte[Sha256Mac.MacBytes];
        Span<byte> expected = stackalloc byte[Sha256Mac.MacBytes * 2];
        _fast.Compute(parts, mac);
        Convert.TryToHexStringLower(mac, expected, out _);
        return CryptographicOperations.FixedTimeEquals(signature, expected);
    }

    /// <summary>True when the signature fits the four parts; takes the same time wherever it differs.</summary>
    public bool Verify(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> header, ReadOnlySpan<byte> parentHeader, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> content)
    {
        if (SignatureLength == 0)
            return true;
        Span<byte> expected = stackalloc byte[MaxSignatureLength];
        var length = Sign(header, parentHeader, metadata, content, expected);
        return CryptographicOperations.FixedTimeEquals(signature, expected[..length]);
    }

    // Each call crosses into the system's library, also for nothing.
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        if (!part.IsEmpty)
            hash.AppendData(part);
    }

    public void Dispose()
    {
        _fast?.Clear();
        for (var i = 0; i < _spare.Length; i++)
            Interlocked.Exchange(ref _spare[i], null)?.Dispose();
    }

    private IncrementalHash Rent()
    {
        for (var i = 0; i < _spare.Length; i++)
        {
            if (Interlocked.Exchange(ref _spare[i], null) is { } hash)
                return hash;
        }

        return IncrementalHash.CreateHMAC(_algorithm, _key);
    }

    private void Return(IncrementalHash hash)
    {
        for (var i = 0; i < _spare.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _spare[i], hash, null) is null)
                return;
        }

        hash.Dispose();
    }
}
