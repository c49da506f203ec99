using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Classes.Ending;
using Hub.Classes.Floor;
using Hub.Events;
using Hub.Http;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;

namespace Hub.Classes;

/// <summary>Classes: list, make, see, change, end, archive, delete.</summary>
internal sealed class ClassesApi(
    ClassesStore classes, ClassCallHandler calls, ClassFieldsHandler fields, AccountsStore accounts, ClassEnding ending, ClassExport export, ClassFloor floor,
    CallerWatch watch, EventStream events, KernelSpecCatalog specs, IKernelsAhead ahead,
    TimeProvider time, IOptions<ClassesOptions> options)
{
    public const string Path = "/hub/api/classes";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (ClassesApi api, HttpContext context) => api.ListAsync(context)).RequireScope(Scope.ReadClasses, ScopeFilter.Any);
        routes.MapPost(Path, (ClassesApi api, HttpContext context) => api.CreateAsync(context)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapGet(Path + "/{id:long}", (ClassesApi api, HttpContext context, long id) => api.GetAsync(context, id)).RequireScope(Scope.ReadClasses, ScopeFilter.Any);
        routes.MapPatch(Path + "/{id:long}", (ClassesApi api, HttpContext context, long id) => api.ChangeAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapDelete(Path + "/{id:long}", (ClassesApi api, HttpContext context, long id) => api.DeleteAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(Path + "/{id:long}/end", (ClassesApi api, HttpContext context, long id) => api.EndAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapGet(Path + "/{id:long}/export", (ClassesApi api, HttpContext context, long id) => api.ExportAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
    }

    /// <summary>Makes a class for whoever asks; shared with the page.</summary>
    /// <exception cref="BadHttpRequestException">Something is wrong with it.</exception>
    public async Task<(Class? Class, IResult? Refusal)> CreateAsync(HttpContext context, JsonObject body)
    {
        Caller caller = context.GetCaller();
        if (!ClassPolicy.MayCreate(caller.Scopes, caller.UserName, caller.Guest, options.Value.AnybodyMayTeach))
        {
            return (null, ApiError.Hub(
                StatusCodes.Status403Forbidden, $"Action is not authorized with current scopes; requires any of [{Scope.AdminClasses}] (or Classes:AnybodyMayTeach)"));
        }
        ClassChange wanted = await fields.ReadAsync(body, caller.UserName, context.RequestAborted, "teachers");
        if (wanted.Name is null)
            throw new BadHttpRequestException("name is missing");
        if (RefuseMaterials(caller, wanted) is { } refusal)
            return (null, refusal);
        IReadOnlyCollection<string> teachers = [.. (new JsonFields(body).Texts("teachers") ?? [caller.UserName]).Select(UserName.Normalise).Distinct()];
        if (!ClassPolicy.MayAppoint(caller.Scopes) && teachers.Any(teacher => teacher != caller.UserName))
            return (null, ApiError.Hub(StatusCodes.Status403Forbidden, $"Only who holds {Scope.Classes} makes classes for other teachers"));
        foreach (string named in wanted.MaterialsUser is { Length: > 0 } source ? teachers.Append(source) : teachers)
        {
            if (await accounts.FindAsync(named, context.RequestAborted) is not { Guest: false })
                throw new BadHttpRequestException($"No such user: {named}");
        }
        await CheckReadyAsync(wanted.ReadyKernels, wanted.Opens, wanted.Environment ?? "", context.RequestAborted);
        Class made = await classes.CreateAsync(
            wanted with
            {
                Environment = wanted.Environment ?? "",
                Capacity = wanted.Capacity ?? Math.Min(100, options.Value.MaxCapacity),
                Guests = wanted.Guests ?? true,
            },
            teachers,
            context.RequestAborted);
        await events.PublishAsync(new HubEvent.ClassCreated(time.GetUtcNow(), made.Id) { By = caller.UserName });
        return (made, null);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        Caller caller = context.GetCaller();
        Paging paging = Paging.Of(context.Request);
        bool all = caller.Scopes.Allows(Scope.ReadClasses);
        (IReadOnlyList<Class> found, int total) = await classes.ListAsync(new ClassQuery(all ? null : caller.UserId, paging.Offset, paging.Limit), context.RequestAborted);
        // A token may reach only one of its owner's classes.
        IEnumerable<Class> seen = found.Where(one => ClassPolicy.MayRead(caller.Scopes, one, caller.UserName));
        return paging.Answer(context.Request, [.. seen.Select(one => Model(context, one))], total);
    }

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        (Class? made, IResult? refusal) = await CreateAsync(context, await context.ReadJsonObjectAsync(context.RequestAborted) ?? []);
        return refusal ?? Results.Json(Model(context, made!), statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> GetAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: false);
        return refusal ?? Results.Json(Model(context, one!));
    }

    private async Task<IResult> ChangeAsync(HttpContext context, long id)
    {
        Caller caller = context.GetCaller();
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        ClassChange change = await fields.ReadAsync(await context.ReadJsonObjectAsync(context.RequestAborted) ?? [], caller.UserName, context.RequestAborted);
        if (RefuseMaterials(caller, change) is { } notTheirs)
            return notTheirs;
        if (change.MaterialsUser is { Length: > 0 } source && await accounts.FindAsync(source, context.RequestAborted) is null)
            throw new BadHttpRequestException($"No such user: {source}");
        DateTimeOffset? opens = change.ChangesOpens ? change.Opens : one!.Opens;
        if ((change.ChangesCloses ? change.Closes : one!.Closes) <= opens)
            throw new BadHttpRequestException("closes must be later than opens");
        await CheckReadyAsync(change.ReadyKernels, opens, change.Environment ?? one!.Environment, context.RequestAborted);
        if (await MoveAsync(one!, change, caller, context.RequestAborted) is not { } after)
            return ApiError.Hub(StatusCodes.Status404NotFound, FormattableString.Invariant($"No such class: {id}"));
        await events.PublishAsync(new HubEvent.ClassChanged(time.GetUtcNow(), "", id, "settings") { By = caller.UserName });
        return Results.Json(Model(context, after));
    }

    /// <summary>A class that wants kernels to be ready says when, and the machine can do it.</summary>
    private async Task CheckReadyAsync(int? ready, DateTimeOffset? opens, string environment, CancellationToken cancellationToken)
    {
        if (ready is null or 0)
            return;
        if (opens is null)
            throw new BadHttpRequestException("ready_kernels needs opens, the time at which they are to be ready");
        if (specs.Find(environment.Length > 0 ? environment : specs.DefaultName) is { } spec && await ahead.FindProblemAsync(spec, cancellationToken) is { } problem)
            throw new BadHttpRequestException($"ready_kernels: kernels of {spec.Name} cannot be made ahead here: {problem}");
    }

    private async Task<Class?> MoveAsync(Class before, ClassChange change, Caller caller, CancellationToken cancellationToken)
    {
        await floor.Moves.WaitAsync(cancellationToken);
        try
        {
            // A class that was moved to another time does not run now, and then nobody reaches anybody by it.
            Class? after = await classes.ChangeAsync(before.Id, change, cancellationToken);
            if (after?.IsRunning(time.GetUtcNow()) == false)
            {
                await floor.CloseAsync(after.Id, ran: before.IsRunning(time.GetUtcNow()), caller.UserName);
                if (after.Group is { } group)
                    watch.EndHolders(scopes => scopes.NamesGroup(group));
            }
            return after;
        }
        finally
        {
            floor.Moves.Release();
        }
    }

    /// <summary>Forgets a class that is over, or that nobody without an account is in: guests go by ending it, which archives their work.</summary>
    private async Task<IResult> DeleteAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        if (one!.Ended is null && (await classes.ListMembersAsync(id, context.RequestAborted)).Any(member => member.Guest))
            return ApiError.Hub(StatusCodes.Status409Conflict, "The class has guests: end it first, which archives their work and removes them.");
        await floor.CloseAsync(id, ran: one.IsRunning(time.GetUtcNow()), context.GetCaller().UserName);
        await classes.DeleteAsync(id, context.RequestAborted);
        if (one.Group is { } group)
            watch.EndHolders(scopes => scopes.NamesGroup(group));
        await events.PublishAsync(new HubEvent.ClassDeleted(time.GetUtcNow(), id) { By = context.GetCaller().UserName });
        return Results.NoContent();
    }

    private async Task<IResult> EndAsync(HttpContext context, long id)
    {
        (_, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        return await ending.EndAsync(id, context.GetCaller().UserName, context.RequestAborted) is { } result
            ? Results.Json(new { result.Files, GuestsRemoved = result.Guests })
            : ApiError.Hub(StatusCodes.Status507InsufficientStorage, ClassEnding.NotArchived);
    }

    /// <summary>The archive: of this moment, or once the class is over the one made at its end.</summary>
    public async Task<IResult> ExportAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        string name = $"{one!.Folder}.zip";
        context.Response.Headers.CacheControl = "no-store";
        if (one.Ended is null)
            return Results.Stream(body => export.SendAsync(one, body, context.RequestAborted), "application/zip", name);
        return File.Exists(export.FileOf(id))
            ? Results.File(export.FileOf(id), "application/zip", name, enableRangeProcessing: true)
            : ApiError.Hub(StatusCodes.Status404NotFound, "The archive of this class is not there any more.");
    }

    /// <summary>Whose home materials come from is copied to strangers: it must be one's own, or one manages all classes.</summary>
    private static IResult? RefuseMaterials(Caller caller, ClassChange change) =>
        change.MaterialsUser is { Length: > 0 } source && source != caller.UserName && !ClassPolicy.MayAppoint(caller.Scopes)
            ? ApiError.Hub(StatusCodes.Status403Forbidden, $"Only who holds {Scope.Classes} hands out materials from somebody else's home")
            : null;

    private JsonObject Model(HttpContext context, Class one) =>
        ClassModels.Of(one, ClassCallHandler.OriginOf(context.Request), ClassPolicy.MayManage(context.GetCaller().Scopes, one), time.GetUtcNow());
}
