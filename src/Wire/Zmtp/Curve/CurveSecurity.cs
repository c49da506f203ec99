namespace Wire.Zmtp.Curve;

/// <summary>
/// One side of the security mechanism CURVE (RFC 26): everything after the greeting is encrypted, and each side knows that the other holds
/// the key it claims. Which side is the server is agreed beforehand and has nothing to do with who connects.
/// </summary>
/// <remarks>The key pair belongs to whoever made it: dispose it after every socket that uses it.</remarks>
public sealed class CurveSecurity
{
    private CurveSecurity(CurveKeyPair own, byte[]? serverKey, Func<ReadOnlyMemory<byte>, bool>? admits)
    {
        Own = own;
        ServerKey = serverKey;
        Admits = admits;
    }

    /// <summary>True for the side whose public key the other knows.</summary>
    public bool IsServer => ServerKey is null;

    internal CurveKeyPair Own { get; }

    /// <summary>Null at the server.</summary>
    internal byte[]? ServerKey { get; }

    internal Func<ReadOnlyMemory<byte>, bool>? Admits { get; }

    internal ICurveCrypto Crypto { get; private init; } = Sodium.Instance;

    /// <summary>A client that talks to nobody but the holder of the server key.</summary>
    /// <param name="serverKey">32 bytes.</param>
    /// <param name="own">Told to the server, which may ask whom it belongs to.</param>
    /// <exception cref="ArgumentException">The server key has another length.</exception>
    /// <exception cref="NotSupportedException">libsodium is not installed; the text names the package.</exception>
    public static CurveSecurity Client(ReadOnlySpan<byte> serverKey, CurveKeyPair own)
    {
        ArgumentNullException.ThrowIfNull(own);
        return serverKey.Length == CurveSizes.Key
            ? new CurveSecurity(own, serverKey.ToArray(), null)
            : throw new ArgumentException($"a key has {CurveSizes.Key} bytes", nameof(serverKey));
    }

    /// <summary>A server.</summary>
    /// <param name="own">Clients have to know its public half.</param>
    /// <param name="admits">
    /// Decides by a client's public key, whose secret half the client has proven to hold; called once per handshake from its thread, so return at
    /// once. Null admits everybody who knows our public key.
    /// </param>
    /// <exception cref="NotSupportedException">libsodium is not installed; the text names the package.</exception>
    public static CurveSecurity Server(CurveKeyPair own, Func<ReadOnlyMemory<byte>, bool>? admits = null)
    {
        ArgumentNullException.ThrowIfNull(own);
        return new CurveSecurity(own, null, admits);
    }

    /// <summary>Names the side, never a key.</summary>
    public override string ToString() => IsServer ? "CURVE server" : "CURVE client";

    internal CurveHandshake Begin(byte[] properties) =>
        IsServer ? new CurveServerHandshake(this, properties) : new CurveClientHandshake(this, properties);
}
