using Hub.Accounts;
using Hub.Http;

namespace Hub.Servers;

/// <summary>Ends the hub, as JupyterHub's API does. Kernels run on for the next hub, unless servers are to be stopped with it.</summary>
internal static partial class ShutdownApi
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/hub/api/shutdown", ShutDownAsync).RequireScope(Scope.Shutdown);

    private static async Task<IResult> ShutDownAsync(HttpContext context, ServerRegistry registry, IHostApplicationLifetime lifetime, ILoggerFactory logs)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("proxy", "servers");
        _ = body.Flag("proxy"); // the hub is its own proxy
        bool servers = body.Flag("servers") ?? false;
        LogAsked(logs.CreateLogger("Hub.Servers.ShutdownApi"), context.GetCaller().UserName, servers ? "with" : "without");
        // Whoever asks is answered first, and need not wait for all servers.
        context.Response.OnCompleted(async () =>
        {
            try
            {
                if (servers)
                    await Task.WhenAll(registry.List().Select(server => registry.StopAsync(server.Key, CancellationToken.None)));
            }
            finally
            {
                lifetime.StopApplication();
            }
        });
        return Results.Json(new { message = "Shutting down Hub" }, statusCode: StatusCodes.Status202Accepted);
    }

    [LoggerMessage(1004, LogLevel.Information, "{User} ends the hub, {With} the servers of its users")]
    private static partial void LogAsked(ILogger logger, string user, string with);
}
