using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Claims as JSON and as the framework's list of claims, in the way Microsoft's handler writes them: a list becomes several of one type, an object becomes its
/// JSON. So what stands behind the handler does not care which one stands before it.
/// </summary>
public static class ClaimsCodec
{
    private const string JsonType = "JSON";

    public static IEnumerable<Claim> ToClaims(JsonObject claims)
    {
        foreach ((string name, JsonNode? node) in claims)
        {
            if (node is JsonObject)
                yield return new Claim(name, node.ToJsonString(), JsonType);
            foreach (string value in ClaimPathPolicy.Scalars(node))
                yield return new Claim(name, value);
        }
    }

    public static JsonObject ToJson(ClaimsPrincipal person)
    {
        var claims = new JsonObject();
        foreach (IGrouping<string, Claim> same in person.Claims.GroupBy(claim => claim.Type, StringComparer.Ordinal))
        {
            List<JsonNode?> values = [.. same.Select(ValueOf)];
            claims[same.Key] = values is [var only] ? only : new JsonArray([.. values]);
        }
        return claims;
    }

    private static JsonNode? ValueOf(Claim claim)
    {
        if (claim.ValueType != JsonType)
            return JsonValue.Create(claim.Value);
        try
        {
            return JsonNode.Parse(claim.Value);
        }
        catch (JsonException)
        {
            return JsonValue.Create(claim.Value);
        }
    }
}
