using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Reads what a provider tells about itself (<see href="https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata">Discovery § 3</see>).</summary>
public static class MetadataCodec
{
    /// <param name="json">The document.</param>
    /// <param name="authority">Whom we asked; the answer must be about the same (§ 4.3), else anybody's keys could be slipped in. Null takes whomever it names.</param>
    /// <param name="onlyHttps">Refuses addresses without TLS.</param>
    /// <exception cref="InvalidDataException">Something is missing or is not what we asked for.</exception>
    public static ProviderMetadata Parse(ReadOnlySpan<byte> json, string? authority, bool onlyHttps)
    {
        JsonObject document;
        try
        {
            document = JsonNode.Parse(json) as JsonObject ?? throw new InvalidDataException("the metadata is no JSON object");
        }
        catch (JsonException)
        {
            throw new InvalidDataException("the metadata is no JSON");
        }
        string issuer = JwtCodec.Text(document, "issuer") ?? throw new InvalidDataException("the metadata names no issuer");
        // With or without the slash at the end is a mistake of typing in a setting; the issuer as the provider writes it is what tokens must say.
        if (authority is not null && issuer.TrimEnd('/') != authority.TrimEnd('/'))
            throw new InvalidDataException($"the metadata is about {IdTokenPolicy.Quoted(issuer)}, not about {IdTokenPolicy.Quoted(authority)} (Authority)");
        if (Texts(document, "response_types_supported") is { Count: > 0 } answers && !answers.Contains("code"))
            throw new InvalidDataException("the provider does not offer the authorization code flow");
        if (Texts(document, "code_challenge_methods_supported") is { Count: > 0 } challenges && !challenges.Contains("S256"))
            throw new InvalidDataException("the provider does not take S256 for PKCE");
        return new ProviderMetadata(
            issuer,
            Needed(document, "authorization_endpoint", onlyHttps),
            Needed(document, "token_endpoint", onlyHttps),
            Needed(document, "jwks_uri", onlyHttps),
            Address(document, "userinfo_endpoint", onlyHttps),
            Address(document, "end_session_endpoint", onlyHttps),
            document["authorization_response_iss_parameter_supported"] is JsonValue says && says.TryGetValue(out bool names) && names,
            Texts(document, "token_endpoint_auth_methods_supported").Contains("client_secret_post"));
    }

    private static Uri Needed(JsonObject document, string name, bool onlyHttps) =>
        Address(document, name, onlyHttps) ?? throw new InvalidDataException($"the metadata has no {name}");

    private static Uri? Address(JsonObject document, string name, bool onlyHttps)
    {
        if (JwtCodec.Text(document, name) is not { Length: > 0 } written)
            return null;
        if (!Uri.TryCreate(written, UriKind.Absolute, out Uri? address) || address.Scheme is not ("https" or "http") || address.UserInfo.Length > 0)
            throw new InvalidDataException($"{name} in the metadata is no web address");
        if (onlyHttps && address.Scheme != "https")
            throw new InvalidDataException($"{name} in the metadata is not https (RequireHttpsMetadata)");
        return address;
    }

    private static List<string> Texts(JsonObject document, string name) => [.. ClaimPathPolicy.Scalars(document[name])];
}
