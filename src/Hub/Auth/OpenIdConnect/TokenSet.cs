using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>What a provider gave and we believe.</summary>
/// <param name="Claims">Of the ID token, filled up from the user info; null when a refresh brought neither.</param>
public sealed record TokenSet(JsonObject? Claims, string? IdToken, string? RefreshToken);
