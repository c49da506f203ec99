using System.Security.Cryptography;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Which signatures are believed. The algorithm is one of a fixed table and of the operator's list, and the key must be of its kind: so a token cannot
/// choose <c>none</c>, nor a shared secret that is really the public key
/// (<see href="https://www.rfc-editor.org/rfc/rfc8725#section-3.1">RFC 8725 § 3.1</see>).
/// </summary>
public static class SignaturePolicy
{
    private sealed record Kind(HashAlgorithmName Hash, RSASignaturePadding? Padding, int CurveBytes);

    private static readonly Dictionary<string, Kind> Kinds = new(StringComparer.Ordinal)
    {
        ["RS256"] = new(HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, 0),
        ["RS384"] = new(HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1, 0),
        ["RS512"] = new(HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1, 0),
        ["PS256"] = new(HashAlgorithmName.SHA256, RSASignaturePadding.Pss, 0),
        ["PS384"] = new(HashAlgorithmName.SHA384, RSASignaturePadding.Pss, 0),
        ["PS512"] = new(HashAlgorithmName.SHA512, RSASignaturePadding.Pss, 0),
        ["ES256"] = new(HashAlgorithmName.SHA256, null, 32),
        ["ES384"] = new(HashAlgorithmName.SHA384, null, 48),
        ["ES512"] = new(HashAlgorithmName.SHA512, null, 66),
    };

    /// <summary>All that can be checked, the commonest first.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [.. Kinds.Keys];

    /// <param name="allowed">Empty allows all of <see cref="Algorithms"/>.</param>
    public static SignatureVerdict Check(Jwt token, IReadOnlyList<SigningKey> keys, IReadOnlyCollection<string> allowed)
    {
        if (!Kinds.TryGetValue(token.Algorithm, out Kind? kind) || (allowed.Count > 0 && !allowed.Contains(token.Algorithm)))
            return SignatureVerdict.Bad;
        List<SigningKey> named = [.. keys.Where(key => token.KeyId is null || key.KeyId == token.KeyId)];
        if (named.Count == 0)
            return SignatureVerdict.UnknownKey;
        if (named.Any(key => Fits(key, token.Algorithm, kind) && Verifies(token, key, kind)))
            return SignatureVerdict.Good;
        // A token that names no key may be signed by one that is newer than what is known.
        return token.KeyId is null ? SignatureVerdict.UnknownKey : SignatureVerdict.Bad;
    }

    /// <summary>
    /// <paramref name="claimed"/> against the left half of the hash of <paramref name="value"/>, by the hash of the token's own algorithm
    /// (OpenID Connect Core § 3.1.3.6: <c>at_hash</c>, § 3.3.2.11: <c>c_hash</c>).
    /// </summary>
    public static bool IsHalfHash(string claimed, string value, string algorithm)
    {
        if (!Kinds.TryGetValue(algorithm, out Kind? kind))
            return false;
        byte[] hash = CryptographicOperations.HashData(kind.Hash, System.Text.Encoding.ASCII.GetBytes(value));
        return claimed == System.Buffers.Text.Base64Url.EncodeToString(hash.AsSpan(0, hash.Length / 2));
    }

    private static bool Fits(SigningKey key, string algorithm, Kind kind) =>
        (key.Algorithm is null || key.Algorithm == algorithm)
        && (kind.Padding is not null ? key.Rsa is not null : key.Curve is { } curve && curve.Q.X?.Length == kind.CurveBytes);

    private static bool Verifies(Jwt token, SigningKey key, Kind kind)
    {
        try
        {
            if (key.Rsa is { } parameters)
            {
                using var rsa = RSA.Create(parameters);
                return rsa.VerifyData(token.Signed.Span, token.Signature.Span, kind.Hash, kind.Padding!);
            }
            using var curve = ECDsa.Create(key.Curve!.Value);
            return curve.VerifyData(token.Signed.Span, token.Signature.Span, kind.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false; // numbers that are no key, such as a point beside its curve
        }
    }
}
