using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Http;

namespace Hub.Lab;

/// <summary><c>api/me</c>: who the page's user is. Changing it is the hub's business, not the page's.</summary>
internal static class MeApi
{
    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/api/me", Get);
        userServer.MapPatch("/api/me", () =>
            ApiError.Server(StatusCodes.Status501NotImplemented, "Your name is kept by the hub: ask its operator to change it."));
    }

    private static IResult Get(HttpContext context)
    {
        Caller caller = context.GetCaller();
        return Results.Json(new JsonObject
        {
            ["identity"] = new JsonObject
            {
                ["username"] = caller.UserName,
                ["name"] = caller.DisplayName,
                ["display_name"] = caller.DisplayName,
                ["initials"] = null,
                ["avatar_url"] = null,
                ["color"] = null,
            },
            ["permissions"] = Granted(context.Request.Query["permissions"].ToString()),
        });
    }

    /// <summary>The part of what is asked for that is granted. Who got as far as here may do everything on this server.</summary>
    private static JsonObject Granted(string asked)
    {
        JsonObject granted = [];
        if (asked.Length > 0)
        {
            foreach ((string resource, JsonNode? actions) in Parse(asked))
            {
                if (actions is not JsonArray list || list.Any(action => action?.GetValueKind() != JsonValueKind.String))
                    throw Malformed();
                granted[resource] = list.DeepClone();
            }
        }
        granted["updatable_fields"] = new JsonArray();
        return granted;
    }

    private static JsonObject Parse(string asked)
    {
        try
        {
            return JsonNode.Parse(asked, documentOptions: new JsonDocumentOptions { MaxDepth = 8 }) as JsonObject ?? throw Malformed();
        }
        catch (JsonException)
        {
            throw Malformed();
        }
    }

    private static BadHttpRequestException Malformed() => new("'permissions' must be a JSON object of lists of strings, such as {\"contents\": [\"read\"]}.");
}
