using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Lab;

/// <summary>Settings of the front end's plugins: schemas from the bundle, what people wrote kept verbatim, comments included.</summary>
internal sealed class SettingsApi(LabBundles bundles, ProfileFiles files, IOptions<LabOptions> options)
{
    private const string Kind = "settings";

    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/lab/api/settings/{**id}", (SettingsApi api, HttpContext context, string user) =>
            context.DecodedTail(5).TrimEnd('/') is { Length: > 0 } id ? api.GetAsync(context, user, id) : api.ListAsync(context, user));
        userServer.MapPut("/lab/api/settings/{**id}", (SettingsApi api, HttpContext context, string user) =>
            api.PutAsync(context, user, context.DecodedTail(5)));
    }

    private async Task<IResult> ListAsync(HttpContext context, string user)
    {
        IReadOnlyList<SettingSchema> schemas = bundles.Find()?.Schemas ?? [];
        if (context.Request.Query["ids_only"] == "true")
            return Results.Json(new { Settings = schemas.Select(schema => new { schema.Id }), Warnings = Array.Empty<string>() });
        ArrayBufferWriter<byte> body = new(256 << 10);
        using (Utf8JsonWriter json = new(body))
        {
            HashSet<string> written = [.. files.List(user, Kind)];
            json.WriteStartObject();
            json.WriteStartArray("settings");
            foreach (SettingSchema schema in schemas)
            {
                json.WriteStartObject();
                await WriteAsync(json, user, schema, written.Contains(schema.Id), context.RequestAborted);
                json.WriteNull("warning");
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("warnings");
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Results.Bytes(body.WrittenMemory, "application/json");
    }

    private async Task<IResult> GetAsync(HttpContext context, string user, string id)
    {
        if (bundles.Find()?.SchemasById.GetValueOrDefault(id) is not { } schema)
            return NoSchema(id);
        ArrayBufferWriter<byte> body = new(8 << 10);
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            await WriteAsync(json, user, schema, true, context.RequestAborted);
            json.WriteEndObject();
        }
        return Results.Bytes(body.WrittenMemory, "application/json");
    }

    private async Task<IResult> PutAsync(HttpContext context, string user, string id)
    {
        if (bundles.Find()?.SchemasById.GetValueOrDefault(id) is not { } schema)
            return NoSchema(id);
        // The text lies in a JSON string, in which each character may take six.
        JsonObject? body = await context.ReadJsonObjectAsync(context.RequestAborted, 6L * options.Value.MaxSettingsBytes + 1024, "Lab:MaxSettingsBytes");
        if (body?["raw"] is not JsonValue value || !value.TryGetValue(out string? raw))
            return Wrong("The body must be {\"raw\": \"…\"}: the settings as JSON5 text.");
        if (raw.Length > options.Value.MaxSettingsBytes)
            return ApiError.Server(StatusCodes.Status413PayloadTooLarge, $"The settings are longer than Lab:MaxSettingsBytes ({options.Value.MaxSettingsBytes} bytes).");
        if (!Json5Codec.TryParse(raw, out JsonNode? settings, out string problem))
            return Wrong($"The settings of {id} are not JSON5: {problem}");
        if (settings is not JsonObject)
            return Wrong($"The settings of {id} are not an object.");
        if (JsonNode.Parse(schema.Json) is { } described && JsonSchemaCheck.FirstProblem(described, settings) is { } misfit)
            return Wrong($"The settings of {id} do not fit its schema: {misfit}.");
        await files.WriteAsync(user, Kind, schema.Id, raw, int.MaxValue, context.RequestAborted); // as many as there are schemas
        return Results.NoContent();
    }

    private async Task WriteAsync(Utf8JsonWriter json, string user, SettingSchema schema, bool mayBeWritten, CancellationToken cancellationToken)
    {
        var kept = mayBeWritten ? await files.ReadAsync(user, Kind, schema.Id, cancellationToken) : null;
        string raw = kept?.Text ?? "{}";
        json.WriteString("id", schema.Id);
        json.WritePropertyName("schema");
        json.WriteRawValue(schema.Json, skipInputValidation: true);
        json.WriteString("version", schema.Version);
        json.WriteString("raw", raw);
        json.WritePropertyName("settings");
        // Checked when it was written; a file somebody broke since counts as empty, and the page shows its text to mend.
        ((Json5Codec.TryParse(raw, out JsonNode? settings, out _) ? settings as JsonObject : null) ?? []).WriteTo(json);
        json.WriteString("last_modified", FormatTime(kept?.Modified));
        json.WriteString("created", FormatTime(kept?.Created));
    }

    /// <summary>Python's ISO form, which this endpoint alone uses; null when nothing was written.</summary>
    internal static string? FormatTime(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture);

    private static IResult NoSchema(string id) => ApiError.Server(StatusCodes.Status404NotFound, $"Schema not found: {id}");

    private static IResult Wrong(string why) => ApiError.Server(StatusCodes.Status400BadRequest, why);
}
