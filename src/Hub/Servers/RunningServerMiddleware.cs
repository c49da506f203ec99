using Hub.Accounts;
using Hub.Http;

namespace Hub.Servers;

/// <summary>
/// Stands before everything under <c>/user/{user}/</c>. When the server does not run: a page asked for by its owner starts it (instant, nothing runs
/// until a kernel does); everything else is answered 424, which JupyterLab understands as "server not running".
/// </summary>
public sealed class RunningServerMiddleware(RequestDelegate next, ServerRegistry servers)
{
    /// <summary>Marks every endpoint of <paramref name="group"/> as part of a user's server.</summary>
    public static void Guard(RouteGroupBuilder group) => group.WithMetadata(new PartOfServer());

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<PartOfServer>() is null)
        {
            await next(context);
            return;
        }
        ServerKey server = context.Server();
        if (!servers.IsRunning(server) && !await StartForOwnerAsync(context, server))
            return;
        if (CountsAsActivity(context.Request))
            servers.NoteActivity(server);
        await next(context);
    }

    private async Task<bool> StartForOwnerAsync(HttpContext context, ServerKey server)
    {
        if (!context.Request.IsApiLike()
            && context.FindCaller()?.UserName == server.UserName
            && await servers.TryStartAsync(server, context.RequestAborted) is StartOutcome.Started or StartOutcome.AlreadyRunning)
            return true;
        string user = Uri.EscapeDataString(server.UserName);
        string start = server.IsDefault ? user : $"{user}/{Uri.EscapeDataString(server.Name)}";
        await ErrorAnswer.WriteAsync(
            context, StatusCodes.Status424FailedDependency,
            $"JupyterHub server no longer running at {UserUrl.Of(server)}. Restart the server at /hub/spawn/{start}");
        return false;
    }

    /// <summary>Somebody did something: not the polling of an open page, which goes on when everybody has left.</summary>
    private static bool CountsAsActivity(HttpRequest request) =>
        !request.Query.ContainsKey("no_track_activity")
        && !(request.Path.Value ?? "").Contains("/lab/api/", StringComparison.Ordinal)
        && (!HttpMethods.IsGet(request.Method) || !request.IsApiLike());

    private sealed record PartOfServer;
}
