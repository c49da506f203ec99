using System.Globalization;
using Hub.Accounts;
using Hub.Http;
using Hub.Kernels;
using Hub.Lab;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.Admin;

/// <summary>
/// What the panel asks for beside JupyterHub's API; all of it ours. What is done to a kernel goes through the same <see cref="KernelRegistry"/> as
/// what its owner does, and is in the audit because its route names another user.
/// </summary>
internal sealed class AdminApi(KernelRegistry kernels, AdminUsers users, IOptions<AdminOptions> options)
{
    private const string Kernel = "/hub/api/users/{user}/kernels/{kernelId}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapHub<AdminFeed>("/hub/admin/feed", connection =>
        {
            connection.Transports = HttpTransportType.WebSockets | HttpTransportType.ServerSentEvents | HttpTransportType.LongPolling;
            // What a panel that does not read may make the hub keep.
            connection.TransportMaxBufferSize = 64 * 1024;
            connection.ApplicationMaxBufferSize = 16 * 1024;
        }).RequireScope(Scope.AdminUi, ScopeFilter.Any);
        routes.MapGet("/hub/api/admin/users", (AdminApi api, HttpContext context) => api.ListUsersAsync(context)).RequireScope(Scope.ListUsers, ScopeFilter.Any);
        routes.MapGet("/hub/api/admin/settings", (AdminSettings settings) => Results.Json(settings.List(), ApiJson.Options)).RequireScope(Scope.ReadHub);
        // Of all the user's servers: who may reach one of them alone finds its kernels below /user/.
        routes.MapGet(Kernel + "/log", (AdminApi api, HttpContext context, string user, string kernelId) => api.LogAsync(context, user, kernelId))
            .RequireScope(Scope.AccessServers, ScopeFilter.User);
        routes.MapPost(Kernel + "/interrupt", (AdminApi api, HttpContext context, string user, string kernelId) => api.InterruptAsync(context, user, kernelId))
            .RequireScope(Scope.AccessServers, ScopeFilter.User);
        routes.MapPost(Kernel + "/restart", (AdminApi api, HttpContext context, string user, string kernelId) => api.RestartAsync(context, user, kernelId))
            .RequireScope(Scope.AccessServers, ScopeFilter.User);
        routes.MapDelete(Kernel, (AdminApi api, string user, string kernelId) => api.StopAsync(user, kernelId))
            .RequireScope(Scope.AccessServers, ScopeFilter.User);
        routes.MapMethods("/static/admin/{file}", [HttpMethods.Get, HttpMethods.Head], (AdminBundle bundle, HttpContext context, string file) =>
            bundle.PathOf(file) is { } path
                ? LabAssetsApi.Send(context, path, LabAssetsApi.Forever)
                : ApiError.Server(StatusCodes.Status404NotFound, $"There is no file {file}")).Public("The panel's code, the same for everybody; it holds no data.");
    }

    /// <summary><c>?name= state= sort= offset= limit=</c>; <c>{"items", "offset", "limit", "total"}</c>.</summary>
    private async Task<IResult> ListUsersAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        Paging paging = Paging.Of(context.Request);
        try
        {
            return Results.Json(
                await users.ListAsync(context.GetCaller().Scopes, query["name"], query["state"].ToString(), query["sort"].ToString(), paging.Offset, paging.Limit, context.RequestAborted),
                ApiJson.Options);
        }
        catch (ArgumentException wrong)
        {
            throw new BadHttpRequestException(wrong.Message, wrong);
        }
    }

    /// <summary>The last lines of what the kernel's process wrote, as plain text; empty when it wrote nothing.</summary>
    private async Task<IResult> LogAsync(HttpContext context, string user, string kernelId)
    {
        if (kernels.Find(user, kernelId) is not { } kernel)
            return NotFound(user, kernelId);
        int most = options.Value.MaxLogBytes;
        string written = context.Request.Query["bytes"].ToString();
        int bytes = most;
        if (written.Length > 0 && (!int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) || bytes < 1 || bytes > most))
            return ApiError.Hub(StatusCodes.Status400BadRequest, string.Create(CultureInfo.InvariantCulture, $"bytes must be a number from 1 to {most} (Admin:MaxLogBytes)"));
        try
        {
            return Results.Text(await kernels.ReadLogTailAsync(kernel, bytes, context.RequestAborted) ?? "");
        }
        catch (SpawnException away)
        {
            return ApiError.Hub(StatusCodes.Status503ServiceUnavailable, away.Message);
        }
    }

    private async Task<IResult> InterruptAsync(HttpContext context, string user, string kernelId)
    {
        if (kernels.Find(user, kernelId) is not { } kernel)
            return NotFound(user, kernelId);
        await kernels.InterruptAsync(kernel, context.RequestAborted);
        return Results.NoContent();
    }

    private async Task<IResult> RestartAsync(HttpContext context, string user, string kernelId)
    {
        if (kernels.Find(user, kernelId) is not { } kernel)
            return NotFound(user, kernelId);
        (bool done, string? why) = await kernels.RestartAsync(kernel, context.RequestAborted);
        return done ? Results.NoContent() : ApiError.Hub(StatusCodes.Status500InternalServerError, why ?? "The kernel could not be restarted.");
    }

    private async Task<IResult> StopAsync(string user, string kernelId)
    {
        if (kernels.Find(user, kernelId) is not { } kernel)
            return NotFound(user, kernelId);
        await kernels.StopAsync(kernel);
        return Results.NoContent();
    }

    private static IResult NotFound(string user, string kernelId) => ApiError.Hub(StatusCodes.Status404NotFound, $"No such kernel: {user}/{kernelId}");
}
