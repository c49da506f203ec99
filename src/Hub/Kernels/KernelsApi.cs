using Hub.Accounts;
using Hub.Http;
using Hub.Kernels.Culling;
using Microsoft.Extensions.Options;

namespace Hub.Kernels;

/// <summary><c>api/kernels</c> of a user's server (Jupyter Server REST API, "kernels").</summary>
public static class KernelsApi
{
    /// <summary>Five words joined by dashes: anything else is no kernel's URL at all.</summary>
    private const string Id = @"{kernelId:regex(^\w+-\w+-\w+-\w+-\w+$):maxlength(200)}";

    /// <summary>Maps everything below <c>/user/{user}/api/kernels</c>.</summary>
    public static void Map(RouteGroupBuilder userServer)
    {
        RouteGroupBuilder api = userServer.MapGroup("/api/kernels");
        api.MapGet("", List);
        api.MapPost("", StartAsync);
        api.MapGet($"/{Id}", Get);
        api.MapDelete($"/{Id}", DeleteAsync);
        api.MapPost($"/{Id}/interrupt", InterruptAsync);
        api.MapPost($"/{Id}/restart", RestartAsync);
        api.MapPost($"/{Id}/keep", Keep);
        api.MapGet($"/{Id}/executions", ExecutionsApi.ListAsync);
        api.MapGet($"/{Id}/channels", KernelSocket.AcceptAsync);
    }

    /// <summary>Jupyter Server's words for an id that no kernel of this server has.</summary>
    public static IResult NotFound(string kernelId) => ApiError.Server(StatusCodes.Status404NotFound, $"Kernel does not exist: {kernelId}");

    /// <summary>The user whose server this is, and which it is: usually the caller, else somebody who lets the caller in.</summary>
    /// <returns>Null when there is no such user any more.</returns>
    public static async Task<KernelOwner?> OwnerAsync(HttpContext context, string user)
    {
        if (context.GetCaller() is { } caller && caller.UserName == user)
            return new KernelOwner(caller.UserId, caller.UserName, context.ServerName());
        User? owner = await context.RequestServices.GetRequiredService<AccountsStore>().FindAsync(user, context.RequestAborted);
        return owner is null ? null : new KernelOwner(owner.Id, owner.Name, context.ServerName());
    }

    private static IResult List(HttpContext context, KernelRegistry kernels) =>
        Results.Json(kernels.List(context.Server()).Select(KernelModel.Of), ApiJson.Options);

    private static IResult Get(HttpContext context, string kernelId, KernelRegistry kernels) =>
        kernels.Find(context.Server(), kernelId) is { } kernel ? Results.Json(KernelModel.Of(kernel), ApiJson.Options) : NotFound(kernelId);

    private static async Task<IResult> StartAsync(HttpContext context, string user, KernelRegistry kernels)
    {
        JsonFields wish = new(await context.ReadJsonObjectAsync(context.RequestAborted));
        if (await OwnerAsync(context, user) is not { } owner)
            return ApiError.Server(StatusCodes.Status404NotFound, "There is no such user.");
        string directory = wish.Text("path") ?? "";
        KernelStart start = await kernels.StartAsync(owner, wish.Text("name"), directory, StartDirectory.Of(directory), wish.Text("kernel_id"), context.RequestAborted);
        switch (start)
        {
            case KernelStart.Started started:
                context.Response.Headers.Location = $"{UserUrl.Of(context.Server())}api/kernels/{started.Kernel.Id}";
                return Results.Json(KernelModel.Of(started.Kernel), ApiJson.Options, statusCode: StatusCodes.Status201Created);
            case KernelStart.UnknownSpec unknown:
                return ApiError.Server(StatusCodes.Status500InternalServerError, unknown.Message);
            case KernelStart.Refused refused:
                return ApiError.Server(StatusCodes.Status403Forbidden, refused.Message);
            case KernelStart.BadId bad:
                return ApiError.Server(StatusCodes.Status400BadRequest, bad.Message);
            case KernelStart.Taken taken:
                return ApiError.Server(StatusCodes.Status409Conflict, taken.Message);
            case KernelStart.Failed failed:
                return ApiError.Server(StatusCodes.Status500InternalServerError, failed.Message, failed.Cause);
            default:
                throw new InvalidOperationException("An outcome of a start is not answered.");
        }
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string kernelId, KernelRegistry kernels)
    {
        if (kernels.Find(context.Server(), kernelId) is not { } kernel)
            return NotFound(kernelId);
        await kernels.StopAsync(kernel);
        return Results.NoContent();
    }

    private static IResult Keep(HttpContext context, string kernelId, KernelRegistry kernels, IOptions<CullingOptions> options, TimeProvider time)
    {
        if (kernels.Find(context.Server(), kernelId) is not { } kernel)
            return NotFound(kernelId);
        kernel.Keep();
        return Results.Json(new KeptModel(ApiTime.Format(time.GetUtcNow() + options.Value.KeepFor)), ApiJson.Options);
    }

    private static async Task<IResult> InterruptAsync(HttpContext context, string kernelId, KernelRegistry kernels)
    {
        if (kernels.Find(context.Server(), kernelId) is not { } kernel)
            return NotFound(kernelId);
        await kernels.InterruptAsync(kernel, context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> RestartAsync(HttpContext context, string kernelId, KernelRegistry kernels)
    {
        if (kernels.Find(context.Server(), kernelId) is not { } kernel)
            return NotFound(kernelId);
        (bool done, string? why) = await kernels.RestartAsync(kernel, context.RequestAborted);
        return done
            ? Results.Json(KernelModel.Of(kernel), ApiJson.Options)
            : ApiError.Server(StatusCodes.Status500InternalServerError, why!);
    }
}
