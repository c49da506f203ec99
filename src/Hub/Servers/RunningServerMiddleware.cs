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
        string user = (string)context.Request.RouteValues["user"]!;
        if (!servers.IsRunning(user) && !await StartForOwnerAsync(context, user))
            return;
        if (CountsAsActivity(context.Request))
            servers.NoteActivity(user);
        await next(context);
    }

    private async Task<bool> StartForOwnerAsync(HttpContext context, string user)
    {
        if (!context.Request.IsApiLike()
            && context.FindCaller()?.UserName == user
            && await servers.TryStartAsync(user, context.RequestAborted) is StartOutcome.Started or StartOutcome.AlreadyRunning)
            return true;
        string name = Uri.EscapeDataString(user);
        await ErrorAnswer.WriteAsync(
            context, StatusCodes.Status424FailedDependency,
            $"JupyterHub server no longer running at /user/{name}/. Restart the server at /hub/spawn/{name}");
        return false;
    }

    /// <summary>Somebody did something: not the polling of an open page, which goes on when everybody has left.</summary>
    private static bool CountsAsActivity(HttpRequest request) =>
        !request.Query.ContainsKey("no_track_activity")
        && !(request.Path.Value ?? "").Contains("/lab/api/", StringComparison.Ordinal)
        && (!HttpMethods.IsGet(request.Method) || !request.IsApiLike());

    private sealed record PartOfServer;
}
