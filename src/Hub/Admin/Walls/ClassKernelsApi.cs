using Hub.Accounts;
using Hub.Classes;
using Hub.Events;
using Hub.Http;

namespace Hub.Admin.Walls;

/// <summary>Kernels of a whole class: start everybody's, stop everybody's. The route lies beside the classes' own, the code below the kernels it needs.</summary>
internal sealed class ClassKernelsApi(ClassCallHandler calls, ClassKernelStarts starts, EventStream events, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        const string path = ClassesApi.Path + "/{id:long}/kernels";
        routes.MapPost(path, (ClassKernelsApi api, HttpContext context, long id) => api.StartAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapDelete(path, (ClassKernelsApi api, HttpContext context, long id) => api.StopAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
    }

    /// <summary><c>{"started", "running", "skipped", "failed", "students": [{"name", "result", "path", "message"}]}</c>.</summary>
    private async Task<IResult> StartAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        if (one!.Ended is not null)
            return ApiError.Hub(StatusCodes.Status409Conflict, "The class is over.");
        await TellAsync(context, id, "kernels-started");
        if (await starts.StartAsync(id, context.RequestAborted) is not { } results)
            return UnderWay();
        return Results.Json(new
        {
            Started = Count(results, "started"),
            Running = Count(results, "running"),
            Skipped = Count(results, "skipped"),
            Failed = Count(results, "failed"),
            Students = results,
        });
    }

    /// <summary>Stops the servers of all students with their kernels: <c>{"stopped", "skipped", "students"}</c>.</summary>
    private async Task<IResult> StopAsync(HttpContext context, long id)
    {
        (_, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        await TellAsync(context, id, "kernels-stopped");
        return await starts.StopAsync(id, context.RequestAborted) is { } results
            ? Results.Json(new { Stopped = Count(results, "stopped"), Skipped = Count(results, "skipped"), Students = results })
            : UnderWay();
    }

    private ValueTask TellAsync(HttpContext context, long id, string what) =>
        events.PublishAsync(new HubEvent.ClassChanged(time.GetUtcNow(), "", id, what) { By = context.GetCaller().UserName });

    private static int Count(IReadOnlyList<StudentResult> results, string result) => results.Count(one => one.Result == result);

    private static IResult UnderWay() => ApiError.Hub(StatusCodes.Status409Conflict, "The kernels of this class are just being started or stopped.");
}
