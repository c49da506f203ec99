using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Seals a provider's tokens for the database with the hub's protection keys, which lie elsewhere: the database alone gives nobody a token.</summary>
public sealed class SavedTokens(IDataProtectionProvider protection)
{
    private readonly IDataProtector _seal = protection.CreateProtector("Hub.Auth.OpenIdConnect", "tokens");

    /// <summary>What the database keeps; null when there is nothing to keep.</summary>
    public string? Seal(string? idToken, string? refreshToken) =>
        idToken is null && refreshToken is null ? null : _seal.Protect(JsonSerializer.Serialize(new[] { idToken, refreshToken }));

    /// <summary>The tokens; nulls when none were kept or the keys are others now.</summary>
    public (string? IdToken, string? RefreshToken) Open(string? kept)
    {
        try
        {
            return kept is not null && JsonSerializer.Deserialize<string?[]>(_seal.Unprotect(kept)) is [var idToken, var refreshToken] ? (idToken, refreshToken) : (null, null);
        }
        catch (CryptographicException)
        {
            return (null, null);
        }
    }
}
