using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Reads the answers of a token endpoint and of the user info endpoint.</summary>
public static class TokenAnswerCodec
{
    private const int LongestError = 64;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <exception cref="InvalidDataException">It is no such answer; the message quotes nothing of it.</exception>
    public static TokenAnswer Parse(ReadOnlySpan<byte> json)
    {
        JsonObject answer = ReadObject(json, "the token endpoint's answer");
        if (answer.ContainsKey("error"))
            return new TokenAnswer(ErrorWord(JwtCodec.Text(answer, "error")), null, null, null);
        string? kind = JwtCodec.Text(answer, "token_type");
        if (kind is not null && !kind.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException("the access token is of another type than Bearer");
        return new TokenAnswer(null, JwtCodec.Text(answer, "id_token"), JwtCodec.Text(answer, "access_token"), JwtCodec.Text(answer, "refresh_token"));
    }

    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    public static JsonObject ParseUserInfo(ReadOnlySpan<byte> json) => ReadObject(json, "the user info");

    /// <summary>An error code fit for a log: whatever else came in its place is somebody's attempt to write there.</summary>
    public static string ErrorWord(string? error) =>
        error is { Length: > 0 and <= LongestError } && error.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.') ? error : "unreadable";

    private static JsonObject ReadObject(ReadOnlySpan<byte> json, string what)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: Strict) as JsonObject ?? throw new InvalidDataException($"{what} is no JSON object");
        }
        catch (JsonException)
        {
            throw new InvalidDataException($"{what} is no JSON");
        }
    }
}
