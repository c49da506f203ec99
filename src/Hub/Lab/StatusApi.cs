using Hub.Contents.Quotas;
using Hub.Http;
using Hub.Kernels;
using Hub.Servers;

namespace Hub.Lab;

/// <summary><c>api/status</c> and <c>api/shutdown</c> of a user's server.</summary>
internal static class StatusApi
{
    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/api/status", (HttpContext context, ServerRegistry servers, KernelRegistry kernels, HomeQuotas quotas) => Get(context.Server(), servers, kernels, quotas));
        userServer.MapPost("/api/shutdown", async (HttpContext context, ServerRegistry servers) =>
        {
            await servers.StopAsync(context.Server(), context.RequestAborted);
            return Results.Ok();
        });
    }

    private static IResult Get(ServerKey key, ServerRegistry servers, KernelRegistry registry, HomeQuotas quotas)
    {
        if (servers.Find(key) is not var (server, _))
            return ApiError.Server(StatusCodes.Status424FailedDependency, $"The server {key} was just stopped.");
        IReadOnlyList<LiveKernel> kernels = registry.List(key);
        DateTimeOffset lastActivity = kernels.Select(kernel => kernel.LastActivity).Append(server.LastActivity).Max();
        return Results.Json(new
        {
            Connections = kernels.Sum(kernel => kernel.ConnectionCount),
            Kernels = kernels.Count(kernel => kernel.Phase != KernelPhase.Dead),
            LastActivity = ApiTime.Format(lastActivity),
            Started = ApiTime.Format(server.Started),
            Home = quotas.Find(key.UserName) is { } usage ? new HomeModel(usage.UsedBytes, usage.LimitBytes, HomeUsage.NameOf(usage.LevelAfter(UsageLevel.Fine))) : null,
        });
    }

    /// <summary>How much the home holds; null without a quota, and before it was measured.</summary>
    private sealed record HomeModel(long UsedBytes, long LimitBytes, string Level);
}
