using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Hub.Http;

/// <summary>
/// Reads a JSON request body within limits, whatever content type the client claims (JupyterLab sends one even without a body).
/// What is wrong is thrown as <see cref="BadHttpRequestException"/>, which the error middleware answers in the shape of the API.
/// </summary>
public static class JsonBody
{
    /// <summary>The body as <typeparamref name="T"/>; null (default) when it is empty or <c>null</c>.</summary>
    /// <param name="maxBytes">Longest body; null takes <c>Http:MaxJsonBytes</c>.</param>
    /// <param name="limitName">Option that <paramref name="maxBytes"/> came from, named when it is exceeded.</param>
    /// <exception cref="BadHttpRequestException">Not JSON, not of this form, too long or too deep.</exception>
    public static async ValueTask<T?> ReadJsonAsync<T>(
        this HttpContext context,
        CancellationToken cancellationToken,
        long? maxBytes = null,
        string limitName = "Http:MaxJsonBytes")
    {
        HttpOptions limits = context.RequestServices.GetRequiredService<IOptions<HttpOptions>>().Value;
        using MemoryStream body = await ReadAsync(context, maxBytes ?? limits.MaxJsonBytes, limitName, cancellationToken);
        if (body.Length == 0)
            return default;
        ReadOnlySpan<byte> json = body.GetBuffer().AsSpan(0, (int)body.Length);
        Validate(json, limits.MaxJsonDepth);
        try
        {
            return JsonSerializer.Deserialize<T>(json, ApiJson.Options);
        }
        catch (JsonException wrongForm)
        {
            throw new BadHttpRequestException(
                $"The body does not have the expected form: {Place(wrongForm.Path)} is not a {Wanted(wrongForm)}.", StatusCodes.Status400BadRequest, wrongForm);
        }
    }

    /// <summary>The body as an object, for endpoints that pick what they know; null when it is empty or <c>null</c>.</summary>
    /// <exception cref="BadHttpRequestException">Not a JSON object, too long or too deep.</exception>
    public static async ValueTask<JsonObject?> ReadJsonObjectAsync(
        this HttpContext context,
        CancellationToken cancellationToken,
        long? maxBytes = null,
        string limitName = "Http:MaxJsonBytes") =>
        await context.ReadJsonAsync<JsonNode>(cancellationToken, maxBytes, limitName) switch
        {
            null => null,
            JsonObject members => members,
            _ => throw new BadHttpRequestException("The body must be a JSON object."),
        };

    /// <summary>Reads all of the body, refusing it as soon as it is longer than <paramref name="maxBytes"/>.</summary>
    private static async Task<MemoryStream> ReadAsync(HttpContext context, long maxBytes, string limitName, CancellationToken cancellationToken)
    {
        maxBytes = Math.Min(maxBytes, Array.MaxLength);
        long? announced = context.Request.ContentLength;
        if (announced > maxBytes)
            throw TooLong(maxBytes, limitName);
        // Never trust the announced length with more than a page; the stream grows with what really arrives.
        MemoryStream body = new((int)Math.Min(announced ?? 0, 64 << 10));
        byte[] piece = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            int read;
            while ((read = await context.Request.Body.ReadAsync(piece, cancellationToken)) > 0)
            {
                if (body.Length + read > maxBytes)
                    throw TooLong(maxBytes, limitName);
                await body.WriteAsync(piece.AsMemory(0, read), cancellationToken);
            }
            return body;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static void Validate(ReadOnlySpan<byte> json, int maxDepth)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException wrong) when (reader.CurrentDepth >= maxDepth)
        {
            throw new BadHttpRequestException($"The JSON body is nested deeper than Http:MaxJsonDepth ({maxDepth}).", StatusCodes.Status400BadRequest, wrong);
        }
        catch (JsonException wrong)
        {
            throw new BadHttpRequestException("Invalid JSON in body of request", StatusCodes.Status400BadRequest, wrong);
        }
    }

    private static BadHttpRequestException TooLong(long maxBytes, string limitName) =>
        new($"The body is longer than {limitName} ({maxBytes} bytes).", StatusCodes.Status413PayloadTooLarge);

    private static string Place(string? path) => string.IsNullOrEmpty(path) || path == "$" ? "it" : $"'{path.TrimStart('$', '.')}'";

    /// <summary>The wanted type in JSON's words, from the end of "The JSON value could not be converted to System.Int32. Path: …".</summary>
    private static string Wanted(JsonException wrong)
    {
        const string before = "could not be converted to ";
        int at = wrong.Message.IndexOf(before, StringComparison.Ordinal);
        string type = at < 0 ? "" : wrong.Message[(at + before.Length)..].Split(". ", 2)[0];
        return type switch
        {
            "System.String" => "string",
            "System.Boolean" or "System.Nullable`1[System.Boolean]" => "boolean",
            _ when type.Contains("Int", StringComparison.Ordinal) || type.Contains("Double", StringComparison.Ordinal) => "number",
            _ when type.Contains("List", StringComparison.Ordinal) || type.EndsWith("[]", StringComparison.Ordinal) => "list",
            _ => "value of the right type",
        };
    }
}
