using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Lab;

/// <summary><c>api/config/{section}</c>: JSON objects that front ends keep for themselves.</summary>
internal sealed partial class ConfigApi(ProfileFiles files, IOptions<LabOptions> options)
{
    private const string Kind = "config";

    /// <summary>Levels a change may merge into each other; what is deeper is replaced.</summary>
    private const int MaxMergeDepth = 32;

    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/api/config/{section}", async (ConfigApi api, HttpContext context, string user, string section) =>
            IsSection(section) ? Results.Json(await api.ReadAsync(user, section, context.RequestAborted)) : Unknown(section));
        userServer.MapPut("/api/config/{section}", (ConfigApi api, HttpContext context, string user, string section) => api.PutAsync(context, user, section));
        userServer.MapPatch("/api/config/{section}", (ConfigApi api, HttpContext context, string user, string section) => api.PatchAsync(context, user, section));
    }

    private async Task<IResult> PutAsync(HttpContext context, string user, string section) =>
        IsSection(section) ? await WriteAsync(context, user, section, await BodyAsync(context)) ?? Results.NoContent() : Unknown(section);

    private async Task<IResult> PatchAsync(HttpContext context, string user, string section)
    {
        if (!IsSection(section))
            return Unknown(section);
        JsonObject change = await BodyAsync(context);
        JsonObject config = await ReadAsync(user, section, context.RequestAborted);
        Merge(config, change, 0);
        return await WriteAsync(context, user, section, config) ?? Results.Json(config);
    }

    private Task<JsonObject> BodyAsync(HttpContext context) =>
        ReadBodyAsync(context, options.Value.MaxConfigBytes);

    private static async Task<JsonObject> ReadBodyAsync(HttpContext context, int maxBytes) =>
        await context.ReadJsonObjectAsync(context.RequestAborted, maxBytes, "Lab:MaxConfigBytes") ?? throw new BadHttpRequestException("The body must be a JSON object.");

    private async Task<IResult?> WriteAsync(HttpContext context, string user, string section, JsonObject config)
    {
        string text = config.ToJsonString(ApiJson.Options);
        if (text.Length > options.Value.MaxConfigBytes)
            return ApiError.Server(StatusCodes.Status413PayloadTooLarge, $"The section would be longer than Lab:MaxConfigBytes ({options.Value.MaxConfigBytes} bytes).");
        return await files.WriteAsync(user, Kind, section, text, options.Value.MaxConfigSections, context.RequestAborted)
            ? null
            : ApiError.Server(StatusCodes.Status400BadRequest, $"There are already Lab:MaxConfigSections ({options.Value.MaxConfigSections}) sections.");
    }

    private async Task<JsonObject> ReadAsync(string user, string section, CancellationToken cancellationToken) =>
        await files.ReadAsync(user, Kind, section, cancellationToken) is { } kept && JsonNode.Parse(kept.Text) is JsonObject config ? config : [];

    /// <summary>Objects are merged, null deletes, everything else replaces.</summary>
    private static void Merge(JsonObject into, JsonObject change, int depth)
    {
        foreach ((string key, JsonNode? value) in change)
        {
            if (value is null)
                into.Remove(key);
            else if (value is JsonObject inner && into[key] is JsonObject there && depth < MaxMergeDepth)
                Merge(there, inner, depth + 1);
            else
                into[key] = value.DeepClone();
        }
    }

    private static bool IsSection(string section) => Form().IsMatch(section);

    private static IResult Unknown(string section) =>
        ApiError.Server(StatusCodes.Status404NotFound, $"'{section}' is no section: letters, digits and _ only.");

    [GeneratedRegex(@"\A\w{1,40}\z")]
    private static partial Regex Form();
}
