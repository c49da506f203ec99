namespace Wire.Zmtp.Curve;

/// <summary>The few operations CURVE needs (NaCl's crypto_box: Curve25519, XSalsa20, Poly1305). A seam, so that the protocol is tested without them and they are replaced in one place.</summary>
internal interface ICurveCrypto
{
    /// <summary>Fills with bytes nobody can guess.</summary>
    void Fill(Span<byte> target);

    void MakeKeyPair(Span<byte> publicKey, Span<byte> secretKey);

    /// <summary>The key two sides share, for any number of boxes; false for a public key that yields a key anybody knows.</summary>
    bool TryAgree(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> secretKey, Span<byte> shared);

    /// <summary>Encrypts into <see cref="CurveSizes.Tag"/> bytes more, of which <paramref name="plain"/> may be the end; a nonce of 24 bytes serves once.</summary>
    void Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> shared, Span<byte> box);

    /// <summary>Decrypts; <paramref name="plain"/> may be the box without its tag. False when a bit was changed or the key is another.</summary>
    bool TryOpen(ReadOnlySpan<byte> box, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> shared, Span<byte> plain);
}
