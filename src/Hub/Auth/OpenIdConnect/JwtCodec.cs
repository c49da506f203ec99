using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Takes a signed token in its compact form apart: <c>BASE64URL(header) "." BASE64URL(payload) "." BASE64URL(signature)</c>
/// (<see href="https://www.rfc-editor.org/rfc/rfc7515#section-7.1">RFC 7515 § 7.1</see>). Anything that two readers could read in two ways is refused.
/// </summary>
public static class JwtCodec
{
    private const int DeepestJson = 16;

    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    // A name given twice is read differently by different readers (RFC 7519 § 4).
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = DeepestJson, AllowDuplicateProperties = false };

    /// <exception cref="InvalidDataException">It is no such token, or longer than <paramref name="longest"/> characters; the message never quotes it.</exception>
    public static Jwt Parse(string token, int longest)
    {
        if (token.Length > longest)
            throw new InvalidDataException($"the token is longer than {longest} characters (MaxTokenLength)");
        string[] parts = token.Split('.', 6);
        if (parts.Length == 5)
            throw new InvalidDataException("the token is encrypted, which is not supported");
        if (parts.Length != 3)
            throw new InvalidDataException("the token does not have three parts");
        JsonObject header = ReadObject(Decode(parts[0], "header"), "header");
        // What is critical must be understood, and nothing beyond the standard is (RFC 7515 § 4.1.11).
        if (header.ContainsKey("crit"))
            throw new InvalidDataException("the token's header asks for extensions (crit) that are not known here");
        string algorithm = Text(header, "alg") ?? throw new InvalidDataException("the token does not say how it is signed");
        JsonObject claims = ReadObject(Decode(parts[1], "payload"), "payload");
        return new Jwt(
            algorithm, Text(header, "kid"), Text(header, "typ"), claims, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2], "signature"));
    }

    /// <summary>A member that is a string; null when there is none or it is something else.</summary>
    public static string? Text(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static byte[] Decode(string part, string which)
    {
        // The framework's decoder also takes padding and white space, by which one token gets many spellings.
        if (part.AsSpan().ContainsAnyExcept(Alphabet) || part.Length % 4 == 1)
            throw new InvalidDataException($"the token's {which} is not base64url");
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            throw new InvalidDataException($"the token's {which} is not base64url");
        }
    }

    private static JsonObject ReadObject(byte[] bytes, string which)
    {
        try
        {
            return JsonNode.Parse(bytes, documentOptions: Strict) as JsonObject ?? throw new InvalidDataException($"the token's {which} is no JSON object");
        }
        catch (JsonException)
        {
            throw new InvalidDataException($"the token's {which} is no JSON, is nested too deeply, or names something twice");
        }
    }
}
