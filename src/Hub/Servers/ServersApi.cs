using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Servers;

/// <summary>Users' servers on JupyterHub's API. There is one server per user; starting it is instant, so 201 is the only good answer to a start.</summary>
internal sealed class ServersApi(
    ServerRegistry registry, IUserServers models, AccountsStore accounts, TimeProvider time, IOptions<ServersOptions> options)
{
    /// <summary>Clocks of callers may be ahead of ours by this much.</summary>
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(59);

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (string path in new[] { "/hub/api/users/{user}/server", "/hub/api/users/{user}/servers/{server?}" })
        {
            routes.MapGet(path, (ServersApi api, string user, string? server) => api.Get(user, server ?? "")).RequireScope(Scope.ReadServers, ScopeFilter.Server);
            routes.MapPost(path, (ServersApi api, HttpContext context, string user, string? server) => api.StartAsync(context, user, server ?? ""))
                .RequireScope(Scope.StartServers, ScopeFilter.Server);
            routes.MapDelete(path, (ServersApi api, HttpContext context, string user, string? server) => api.StopAsync(context, user, server ?? ""))
                .RequireScope(Scope.DeleteServers, ScopeFilter.Server);
        }
        foreach (string path in new[] { "/hub/api/users/{user}/server/progress", "/hub/api/users/{user}/servers/{server}/progress" })
        {
            routes.MapGet(path, (ServersApi api, HttpContext context, string user, string? server) => api.ProgressAsync(context, user, server ?? ""))
                .RequireScope(Scope.ReadServers, ScopeFilter.Server).WithMetadata(LongAnswer.Yes);
        }
        routes.MapPost("/hub/api/users/{user}/activity", (ServersApi api, HttpContext context, string user) => api.NoteAsync(context, user))
            .RequireScope(Scope.UsersActivity, ScopeFilter.User);
    }

    private IResult Get(string user, string server) =>
        server.Length == 0 && models.Of(user, includeStopped: false).TryGetValue("", out ServerModel? model)
            ? Results.Json(model)
            : NoSuchServer(user, server);

    private async Task<IResult> StartAsync(HttpContext context, string user, string server)
    {
        await context.ReadJsonObjectAsync(context.RequestAborted); // user_options mean nothing here, but must be JSON
        if (server.Length > 0)
            return ApiError.Hub(StatusCodes.Status400BadRequest, "Named servers are not enabled: a user has one server, with a kernel of its own for every notebook.");
        return await registry.TryStartAsync(user, context.RequestAborted) switch
        {
            StartOutcome.Started => Results.Text("", "text/plain", statusCode: StatusCodes.Status201Created),
            StartOutcome.AlreadyRunning => ApiError.Hub(StatusCodes.Status400BadRequest, $"{user} is already running"),
            StartOutcome.Stopping => ApiError.Hub(StatusCodes.Status400BadRequest, $"{user} is pending stop"),
            _ => ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {user}"),
        };
    }

    private async Task<IResult> StopAsync(HttpContext context, string user, string server)
    {
        JsonObject? body = await context.ReadJsonObjectAsync(context.RequestAborted);
        bool remove = body?["remove"] switch
        {
            null => false,
            JsonValue value when value.TryGetValue(out bool flag) => flag,
            _ => throw new BadHttpRequestException("'remove' must be true or false."),
        };
        if (server.Length > 0)
            return NoSuchServer(user, server);
        if (remove)
            return ApiError.Hub(StatusCodes.Status400BadRequest, "Cannot delete the default server");
        Task stopping = registry.StopAsync(user, CancellationToken.None);
        try
        {
            await stopping.WaitAsync(TimeSpan.FromSeconds(options.Value.SlowStopSeconds), time, context.RequestAborted);
            return Results.NoContent();
        }
        catch (TimeoutException)
        {
            return Results.Text("", "text/plain", statusCode: StatusCodes.Status202Accepted);
        }
    }

    /// <summary>Server-sent events as JupyterHub's; a server that runs has one to send, a stopped one none.</summary>
    private async Task ProgressAsync(HttpContext context, string user, string server)
    {
        if (server.Length > 0 || !registry.IsRunning(user))
        {
            await ErrorAnswer.WriteAsync(context, StatusCodes.Status400BadRequest, $"{user}/{server} is not starting");
            return;
        }
        string url = UserUrl.Of(user);
        string ready = JsonSerializer.Serialize(
            new { Progress = 100, Ready = true, Message = $"Server ready at {url}", HtmlMessage = $"Server ready at <a href=\"{url}\">{url}</a>", Url = url },
            ApiJson.Options);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        await context.Response.WriteAsync($"\n\ndata: {ready}\n\n", context.RequestAborted);
    }

    private async Task<IResult> NoteAsync(HttpContext context, string user)
    {
        JsonObject body = await context.ReadJsonObjectAsync(context.RequestAborted) ?? [];
        DateTimeOffset? ofUser = TimeOf(body["last_activity"], "last_activity");
        DateTimeOffset? ofServer = null;
        if (body["servers"] is { } servers)
        {
            foreach ((string name, JsonNode? one) in servers as JsonObject ?? throw new BadHttpRequestException("'servers' must be an object."))
            {
                if (name.Length > 0 || !registry.IsRunning(user))
                    throw new BadHttpRequestException($"No such server '{name}' for user {user}");
                ofServer = TimeOf((one as JsonObject)?["last_activity"], $"servers.{name}.last_activity");
            }
        }
        if (ofUser is null && ofServer is null)
            throw new BadHttpRequestException("Must specify at least one of: last_activity, servers");
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } account)
            return ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {user}");
        if (ofUser is { } at)
            await accounts.NoteActivityAsync(account.Id, at, context.RequestAborted);
        if (ofServer is { } serverAt)
            registry.NoteActivity(user, serverAt);
        return Results.Text("", "text/plain");
    }

    private DateTimeOffset? TimeOf(JsonNode? node, string field)
    {
        if (node is null)
            return null;
        if (node is not JsonValue value
            || !value.TryGetValue(out string? text)
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at))
            throw new BadHttpRequestException($"'{field}' is not a timestamp in ISO 8601.");
        return at - time.GetUtcNow() <= MaxAhead ? at : throw new BadHttpRequestException($"'{field}' is more than 59 minutes in the future.");
    }

    private static IResult NoSuchServer(string user, string server) =>
        ApiError.Hub(StatusCodes.Status404NotFound, $"No such server: {user}/{server}");
}
