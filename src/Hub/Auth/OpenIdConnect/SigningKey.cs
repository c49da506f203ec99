using System.Security.Cryptography;

namespace Hub.Auth.OpenIdConnect;

/// <summary>A public key of a provider (RFC 7517); exactly one of <paramref name="Rsa"/> and <paramref name="Curve"/> is there.</summary>
/// <param name="KeyId">Null when the provider gave it none.</param>
/// <param name="Algorithm">The only algorithm the key is for; null when it does not say.</param>
public sealed record SigningKey(string? KeyId, string? Algorithm, RSAParameters? Rsa, ECParameters? Curve);
