using Hub.Http;
using Hub.Kernels;
using Hub.Servers;

namespace Hub.Lab;

/// <summary><c>api/status</c> and <c>api/shutdown</c> of a user's server.</summary>
internal static class StatusApi
{
    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/api/status", (string user, ServerRegistry servers, KernelRegistry kernels) => Get(user, servers, kernels));
        userServer.MapPost("/api/shutdown", async (string user, ServerRegistry servers, CancellationToken cancellationToken) =>
        {
            await servers.StopAsync(user, cancellationToken);
            return Results.Ok();
        });
    }

    private static IResult Get(string user, ServerRegistry servers, KernelRegistry registry)
    {
        if (servers.Find(user) is not var (server, _))
            return ApiError.Server(StatusCodes.Status424FailedDependency, $"The server of {user} was just stopped.");
        IReadOnlyList<LiveKernel> kernels = registry.List(user);
        DateTimeOffset lastActivity = kernels.Select(kernel => kernel.LastActivity).Append(server.LastActivity).Max();
        return Results.Json(new
        {
            Connections = kernels.Sum(kernel => kernel.ConnectionCount),
            Kernels = kernels.Count(kernel => kernel.Phase != KernelPhase.Dead),
            LastActivity = ApiTime.Format(lastActivity),
            Started = ApiTime.Format(server.Started),
        });
    }
}
