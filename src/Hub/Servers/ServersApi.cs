using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Servers;

/// <summary>
/// Users' servers on JupyterHub's API: the default one, and those with names. Starting one is instant, so 201 is the only good answer to a start.
/// </summary>
internal sealed class ServersApi(
    ServerRegistry registry, NamedServersHandler named, IUserServers models, AccountsStore accounts, TimeProvider time, IOptions<ServersOptions> options)
{
    /// <summary>Clocks of callers may be ahead of ours by this much.</summary>
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(59);

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (string path in new[] { "/hub/api/users/{user}/server", "/hub/api/users/{user}/servers/{server?}" })
        {
            routes.MapGet(path, (ServersApi api, string user, string? server) => api.Get(new ServerKey(user, server ?? ""))).RequireScope(Scope.ReadServers, ScopeFilter.Server);
            routes.MapPost(path, (ServersApi api, HttpContext context, string user, string? server) => api.StartAsync(context, new ServerKey(user, server ?? "")))
                .RequireScope(Scope.StartServers, ScopeFilter.Server);
            routes.MapPut(path, (ServersApi api, HttpContext context, string user, string? server) => api.CreateAsync(context, new ServerKey(user, server ?? "")))
                .RequireScope(Scope.StartServers, ScopeFilter.Server);
            routes.MapPatch(path, (ServersApi api, HttpContext context, string user, string? server) => api.ChangeAsync(context, new ServerKey(user, server ?? "")))
                .RequireScope(Scope.StartServers, ScopeFilter.Server);
            routes.MapDelete(path, (ServersApi api, HttpContext context, string user, string? server) => api.StopAsync(context, new ServerKey(user, server ?? "")))
                .RequireScope(Scope.DeleteServers, ScopeFilter.Server);
        }
        foreach (string path in new[] { "/hub/api/users/{user}/server/progress", "/hub/api/users/{user}/servers/{server}/progress" })
        {
            routes.MapGet(path, (ServersApi api, HttpContext context, string user, string? server) => api.ProgressAsync(context, new ServerKey(user, server ?? "")))
                .RequireScope(Scope.ReadServers, ScopeFilter.Server).WithMetadata(LongAnswer.Yes);
        }
        routes.MapPost("/hub/api/users/{user}/activity", (ServersApi api, HttpContext context, string user) => api.NoteAsync(context, user))
            .RequireScope(Scope.UsersActivity, ScopeFilter.User);
    }

    /// <summary>A named server is shown whether it runs or not, the default one while it does.</summary>
    private IResult Get(ServerKey server) =>
        models.Of(server.UserName, includeStopped: !server.IsDefault).TryGetValue(server.Name, out ServerModel? model) ? Results.Json(model) : NoSuchServer(server);

    private async Task<IResult> StartAsync(HttpContext context, ServerKey server)
    {
        JsonObject? body = await context.ReadJsonObjectAsync(context.RequestAborted); // what it says means nothing to the default server, but must be JSON
        if (!server.IsDefault && await PrepareAsync(server, WishOf(body), context.GetCaller(), context.RequestAborted) is var (status, why))
            return ApiError.Hub(status, why);
        return await registry.TryStartAsync(server, context.RequestAborted) switch
        {
            StartOutcome.Started => Results.Text("", "text/plain", statusCode: StatusCodes.Status201Created),
            StartOutcome.AlreadyRunning => ApiError.Hub(StatusCodes.Status400BadRequest, $"{Said(server)} is already running"),
            StartOutcome.Stopping => ApiError.Hub(StatusCodes.Status400BadRequest, $"{Said(server)} is pending stop"),
            StartOutcome.NotAllowed => ApiError.Hub(StatusCodes.Status400BadRequest, NamedServersHandler.NotAllowed),
            StartOutcome.NoSuchServer => NoSuchServer(server),
            _ => ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {server.UserName}"),
        };
    }

    /// <summary>Makes a named server that is not there yet; one that is there and does not run gets what was said of it.</summary>
    private async Task<(int Status, string Why)?> PrepareAsync(ServerKey server, ServerWish wish, Caller by, CancellationToken cancellationToken)
    {
        if (registry.Find(server) is not var (_, phase))
        {
            // Made by somebody else meanwhile: then it is there, as asked for.
            return await named.CreateAsync(server, wish, by, cancellationToken) is (not StatusCodes.Status409Conflict, _) refused ? refused : null;
        }
        return phase == ServerPhase.Stopped && wish is not { DisplayName: null, UserOptions: null } ? await named.ChangeAsync(server, wish, by, cancellationToken) : null;
    }

    private async Task<IResult> CreateAsync(HttpContext context, ServerKey server)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("display_name", "user_options");
        if (server.IsDefault)
            return ApiError.Hub(StatusCodes.Status409Conflict, $"{server.UserName} has a default server already.");
        ServerWish wish = new(null, body.Text("display_name"), Written(body.Object("user_options")));
        return await named.CreateAsync(server, wish, context.GetCaller(), context.RequestAborted) is var (status, why)
            ? ApiError.Hub(status, why)
            : Results.Json(ModelOf(server), statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> ChangeAsync(HttpContext context, ServerKey server)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("name", "display_name", "user_options");
        if (server.IsDefault)
            return ApiError.Hub(StatusCodes.Status400BadRequest, "The default server has no other name, and remembers nothing.");
        ServerWish wish = new(body.Text("name"), body.Text("display_name"), Written(body.Object("user_options")));
        return await named.ChangeAsync(server, wish, context.GetCaller(), context.RequestAborted) is var (status, why)
            ? ApiError.Hub(status, why)
            : Results.Json(ModelOf(server with { Name = wish.Name ?? server.Name }));
    }

    private async Task<IResult> StopAsync(HttpContext context, ServerKey server)
    {
        JsonObject? body = await context.ReadJsonObjectAsync(context.RequestAborted);
        bool remove = body?["remove"] switch
        {
            null => false,
            JsonValue value when value.TryGetValue(out bool flag) => flag,
            _ => throw new BadHttpRequestException("'remove' must be true or false."),
        };
        if (!server.IsDefault && !registry.Has(server))
            return NoSuchServer(server);
        if (remove && server.IsDefault)
            return ApiError.Hub(StatusCodes.Status400BadRequest, "Cannot delete the default server");
        Task<(int Status, string Why)?> stopping = EndAsync(server, remove, context.GetCaller());
        try
        {
            return await stopping.WaitAsync(TimeSpan.FromSeconds(options.Value.SlowStopSeconds), time, context.RequestAborted) is var (status, why)
                ? ApiError.Hub(status, why)
                : Results.NoContent();
        }
        catch (TimeoutException)
        {
            return Results.Text("", "text/plain", statusCode: StatusCodes.Status202Accepted);
        }
    }

    /// <summary>Goes on when the asker leaves.</summary>
    private async Task<(int Status, string Why)?> EndAsync(ServerKey server, bool remove, Caller by)
    {
        if (remove)
            return await named.RemoveAsync(server, by, CancellationToken.None);
        await registry.StopAsync(server, CancellationToken.None);
        return null;
    }

    /// <summary>Server-sent events as JupyterHub's; a server that runs has one to send, a stopped one none.</summary>
    private async Task ProgressAsync(HttpContext context, ServerKey server)
    {
        if (!registry.IsRunning(server))
        {
            await ErrorAnswer.WriteAsync(context, StatusCodes.Status400BadRequest, $"{server} is not starting");
            return;
        }
        string url = UserUrl.Of(server);
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
        List<(ServerKey Server, DateTimeOffset? At)> ofServers = [];
        if (body["servers"] is { } servers)
        {
            foreach ((string name, JsonNode? one) in servers as JsonObject ?? throw new BadHttpRequestException("'servers' must be an object."))
            {
                ServerKey server = new(user, name);
                if (!registry.Has(server))
                    throw new BadHttpRequestException($"No such server '{name}' for user {user}");
                ofServers.Add((server, TimeOf((one as JsonObject)?["last_activity"], $"servers.{name}.last_activity")));
            }
        }
        if (ofUser is null && ofServers.All(one => one.At is null))
            throw new BadHttpRequestException("Must specify at least one of: last_activity, servers");
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } account)
            return ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {user}");
        if (ofUser is { } at)
            await accounts.NoteActivityAsync(account.Id, at, context.RequestAborted);
        foreach ((ServerKey server, DateTimeOffset? active) in ofServers)
        {
            if (active is { } serverAt)
                registry.NoteActivity(server, serverAt);
        }
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

    /// <summary>JupyterHub takes <c>{"user_options", "display_name"}</c>, or the options by themselves.</summary>
    private static ServerWish WishOf(JsonObject? body)
    {
        if (body is null || body.Count == 0)
            return new ServerWish();
        var fields = new JsonFields(body);
        return body.All(field => field.Key is "user_options" or "display_name")
            ? new ServerWish(null, fields.Text("display_name"), Written(fields.Object("user_options")))
            : new ServerWish(null, null, Written(body));
    }

    private static string? Written(JsonObject? options) => options?.ToJsonString(ApiJson.Options);

    private ServerModel? ModelOf(ServerKey server) => models.Of(server.UserName, includeStopped: true).GetValueOrDefault(server.Name);

    private static string Said(ServerKey server) => server.IsDefault ? server.UserName : server.ToString();

    private static IResult NoSuchServer(ServerKey server) => ApiError.Hub(StatusCodes.Status404NotFound, $"No such server: {server}");
}
