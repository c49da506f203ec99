using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Events;
using Hub.Http;
using Hub.Kernels;
using Hub.KernelSpecs;
using Spawner;

namespace Hub.Admin.Environments;

/// <summary>
/// <c>/hub/api/environments</c>, ours beyond JupyterHub's API: what kernels can be started in, and what administrators make of it. What the configuration says
/// can be seen and prepared here, and is changed there.
/// </summary>
internal sealed class EnvironmentsApi(
    EnvironmentRows rows, PanelEnvironments panel, EnvironmentPreparer preparer, ImagePreparation images, KernelSpecCatalog catalog, IKernelsAhead ahead, IInternetNeeds internet, EventStream events, TimeProvider time)
{
    private const string Path = "/hub/api/environments";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (EnvironmentsApi api) => Results.Json(api.List(), ApiJson.Options)).RequireScope(Scope.AdminEnvironments);
        routes.MapPost(Path, (EnvironmentsApi api, HttpContext context) => api.CreateAsync(context)).RequireScope(Scope.AdminEnvironments);
        routes.MapGet(Path + "/{name}", (EnvironmentsApi api, string name) => api.Get(name)).RequireScope(Scope.AdminEnvironments);
        routes.MapPatch(Path + "/{name}", (EnvironmentsApi api, HttpContext context, string name) => api.ChangeAsync(context, name)).RequireScope(Scope.AdminEnvironments);
        routes.MapDelete(Path + "/{name}", (EnvironmentsApi api, HttpContext context, string name) => api.RemoveAsync(context, name)).RequireScope(Scope.AdminEnvironments);
        routes.MapPost(Path + "/{name}/prepare", (EnvironmentsApi api, HttpContext context, string name) => api.PrepareAsync(context, name)).RequireScope(Scope.AdminEnvironments);
        routes.MapPost(Path + "/{name}/take", (EnvironmentsApi api, HttpContext context, string name) => api.TakeAsync(context, name)).RequireScope(Scope.AdminEnvironments);
    }

    private List<EnvironmentRow> List() => [.. rows.Take(null).Values];

    /// <summary>The row, with <c>pin</c> and <c>settings</c> for one made in the panel; null for others, whose variables may hold secrets of the operator's.</summary>
    private IResult Get(string name)
    {
        if (rows.Find(name) is not { } row)
            return NotFound(name);
        JsonObject answer = JsonSerializer.SerializeToNode(row, ApiJson.Options)!.AsObject();
        MadeEnvironment? made = row.Origin == "panel" ? panel.Find(name) : null;
        answer["pin"] = made?.Pin;
        answer["settings"] = made is null ? null : EnvironmentCodec.Write(made.Settings);
        return Results.Json(answer, ApiJson.Options);
    }

    /// <summary><c>{"name", "settings", "pin"?}</c>; its image is then had in the background, and the answer and the list say how far that is.</summary>
    private async Task<IResult> CreateAsync(HttpContext context)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("name", "settings", "pin");
        string name = (body.Text("name") ?? throw new BadHttpRequestException("name is missing")).ToLowerInvariant();
        KernelSpecOptions settings = Settings(body.Object("settings") ?? []);
        Refuse(panel.Problem(name, settings) ?? await MachineProblemAsync(name, settings, context.RequestAborted));
        if (await panel.CreateAsync(name, settings, body.Flag("pin") ?? true, context.RequestAborted) is { } refusal)
            return ApiError.Hub(StatusCodes.Status409Conflict, refusal);
        await TellAsync(context, name, "created", settings.Image);
        Begin(name);
        return Results.Json(rows.Find(name), ApiJson.Options, statusCode: StatusCodes.Status201Created);
    }

    /// <summary><c>{"settings"?, "pin"?}</c>: of the settings only what is named changes, and null brings the default back.</summary>
    private async Task<IResult> ChangeAsync(HttpContext context, string name)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("settings", "pin");
        if (panel.Find(name) is not { } before)
            return NotOurs(name);
        JsonObject wanted = EnvironmentCodec.Write(before.Settings);
        foreach ((string key, JsonNode? value) in body.Object("settings") ?? [])
            wanted[key] = value?.DeepClone();
        KernelSpecOptions settings = Settings(wanted);
        Refuse(panel.Problem(before.Name, settings) ?? await MachineProblemAsync(before.Name, settings, context.RequestAborted));
        if (!await panel.ChangeAsync(before.Name, settings, body.Flag("pin") ?? before.Pin, context.RequestAborted))
            return NotFound(name);
        await TellAsync(context, before.Name, "changed", settings.Image);
        Begin(before.Name);
        await LetGoAsync(before);
        return Results.Json(rows.Find(name), ApiJson.Options);
    }

    /// <summary>204; kernels that run in it run on, and cannot be restarted.</summary>
    private async Task<IResult> RemoveAsync(HttpContext context, string name)
    {
        MadeEnvironment? before = panel.Find(name);
        if (before is null && rows.Find(name) is not null)
            return NotOurs(name);
        // One that cannot be read any more is in no list, and can be removed all the same.
        if (!await panel.RemoveAsync(name, context.RequestAborted))
            return NotFound(name);
        await TellAsync(context, name.ToLowerInvariant(), "removed", before?.Settings.Image ?? "");
        if (before is not null)
            await LetGoAsync(before);
        return Results.NoContent();
    }

    /// <summary><c>{"again"?}</c>. 202: it is under way. 409: it was already.</summary>
    private async Task<IResult> PrepareAsync(HttpContext context, string name)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("again");
        bool again = body.Flag("again") ?? false;
        if (catalog.Find(name) is not { } spec)
            return NotFound(name);
        if (!images.Begin(spec, again))
            return ApiError.Hub(StatusCodes.Status409Conflict, $"The environment {spec.Name} is being prepared already.");
        if (again)
            await TellAsync(context, spec.Name, "renewed", spec.Image ?? "");
        return Results.Json(rows.Find(spec.Name), ApiJson.Options, statusCode: StatusCodes.Status202Accepted);
    }

    /// <summary>Kernels start from now on from the image its tag stands for.</summary>
    private async Task<IResult> TakeAsync(HttpContext context, string name)
    {
        if (rows.Find(name) is not { } row)
            return NotFound(name);
        try
        {
            if (await preparer.TakeAsync(name, context.RequestAborted) is { } refusal)
                return ApiError.Hub(StatusCodes.Status409Conflict, refusal);
        }
        catch (SpawnException silent)
        {
            return ApiError.Hub(StatusCodes.Status503ServiceUnavailable, silent.Message);
        }
        await TellAsync(context, row.Id, "took-image", row.Image ?? "");
        return Results.Json(rows.Find(name), ApiJson.Options);
    }

    private void Begin(string name)
    {
        // Where it is under way already, that was for what it was before; the next look comes by itself.
        if (catalog.Find(name) is { } spec)
            images.Begin(spec, again: false);
    }

    /// <summary>What was pinned and is no more need not be kept.</summary>
    private async Task LetGoAsync(MadeEnvironment before)
    {
        try
        {
            await preparer.ReleaseAsync(before.Pinned, CancellationToken.None);
        }
        catch (SpawnException)
        {
            // The engine is away; an image that is kept for nothing takes room and does no harm.
        }
    }

    private static KernelSpecOptions Settings(JsonObject written)
    {
        try
        {
            return EnvironmentCodec.Read(written);
        }
        catch (JsonException wrong)
        {
            throw new BadHttpRequestException("settings: " + wrong.Message, wrong);
        }
    }

    /// <summary>What the settings ask for and this machine cannot do.</summary>
    private async Task<string?> MachineProblemAsync(string name, KernelSpecOptions settings, CancellationToken cancellationToken)
    {
        if (!settings.Enabled)
            return null;
        if (settings.Network.Length > 0 && await internet.FindProblemAsync(settings.Network, cancellationToken) is { } unfit)
            return $"{name}:Network is \"{settings.Network}\", which this machine cannot keep: {unfit}.";
        return settings.Pool > 0 && await ahead.FindProblemAsync(ConfiguredKernelSpecs.Make(name, settings), cancellationToken) is { } problem
            ? $"{name}:Pool is {settings.Pool}, but kernels cannot be made ahead here: {problem}."
            : null;
    }

    private static void Refuse(string? problem)
    {
        if (problem is not null)
            throw new BadHttpRequestException(problem);
    }

    private IResult NotOurs(string name) => rows.Find(name) is { } row
        ? ApiError.Hub(StatusCodes.Status409Conflict, $"The environment {row.Id} was not made in the panel; change it where it comes from (Kernels:Specs, or what Jupyter has installed).")
        : NotFound(name);

    private static IResult NotFound(string name) => ApiError.Hub(StatusCodes.Status404NotFound, $"No such environment: {name}");

    private async Task TellAsync(HttpContext context, string name, string what, string image) =>
        await events.PublishAsync(new HubEvent.EnvironmentChanged(time.GetUtcNow(), name, what, image) { By = context.GetCaller().UserName });
}
