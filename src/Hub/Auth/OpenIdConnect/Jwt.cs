using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>A token taken apart (RFC 7519, RFC 7515 § 3.1). Nothing about it is believed yet.</summary>
/// <param name="Algorithm">What the token says it is signed with.</param>
/// <param name="KeyId">Which key it says signed it; null when it does not say.</param>
/// <param name="Type">The header's <c>typ</c>; null when there is none.</param>
/// <param name="Claims">The payload.</param>
/// <param name="Signed">The bytes the signature is over: header, dot, payload.</param>
public sealed record Jwt(string Algorithm, string? KeyId, string? Type, JsonObject Claims, ReadOnlyMemory<byte> Signed, ReadOnlyMemory<byte> Signature);
