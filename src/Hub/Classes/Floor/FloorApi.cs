using System.Globalization;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Classes.Floor;

/// <summary>The class as it meets: raised hands, messages to everybody, and what a student's page shows of both.</summary>
internal sealed class FloorApi(
    ClassesStore classes, ClassRules rules, ClassCallHandler calls, FloorStore store, ClassFloor floor, Visits visits, TimeProvider time, IOptions<ClassesOptions> options)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        string path = ClassesApi.Path + "/{id:long}";
        routes.MapGet(ClassesApi.Path + "/mine", (FloorApi api, HttpContext context) => api.MineAsync(context)).RequireScope(Scope.ReadClasses, ScopeFilter.Any);
        routes.MapPut(path + "/hand", (FloorApi api, HttpContext context, long id) => api.RaiseAsync(context, id)).RequireScope(Scope.ReadClasses, ScopeFilter.Any);
        routes.MapDelete(path + "/hand", (FloorApi api, HttpContext context, long id) => api.LowerOwnAsync(context, id)).RequireScope(Scope.ReadClasses, ScopeFilter.Any);
        routes.MapDelete(path + "/hands/{user}", (FloorApi api, HttpContext context, long id, string user) => api.LowerAsync(context, id, user))
            .RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(path + "/messages", (FloorApi api, HttpContext context, long id) => api.SayAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapGet(path + "/messages", (FloorApi api, HttpContext context, long id) => api.ListAsync(context, id)).RequireScope(Scope.ReadClasses, ScopeFilter.Any);
    }

    /// <summary>409 for a class that does not meet just now.</summary>
    public static IResult? RefuseUnlessRunning(Class one, DateTimeOffset now) =>
        one.IsRunning(now) ? null : ApiError.Hub(StatusCodes.Status409Conflict, one.Ended is null && now < one.Opens ? "The class has not begun." : "The class is over.");

    /// <summary>A message as it is answered; <paramref name="folder"/> is where the asker has the class' files.</summary>
    public static JsonObject Model(ClassMessage message, string folder)
    {
        JsonObject model = new() { ["id"] = message.Id, ["class"] = message.ClassId, ["text"] = message.Text, ["at"] = ApiTime.Format(message.At), ["by"] = message.By };
        if (message.Path is { } path)
            model["path"] = folder.Length > 0 ? $"{folder}/{path}" : path;
        return model;
    }

    /// <summary>What a student's page shows: the class that runs, the hand, who is looking in, and messages after <c>after</c>.</summary>
    private async Task<IResult> MineAsync(HttpContext context)
    {
        Caller caller = context.GetCaller();
        long after = AfterOf(context);
        // A token reaches what its scopes name; what is the asker's own is asked for here.
        bool may = caller.Scopes.AllowsClass(Scope.ReadClasses, 0, [caller.UserName]);
        Class? running = may ? await rules.FindRunningAsync(caller.UserName, context.RequestAborted) : null;
        JsonArray messages = [];
        if (running is not null)
        {
            Dictionary<long, string> folders = [];
            foreach (ClassMessage message in await store.ListMessagesOfAsync(caller.UserId, after, context.RequestAborted))
            {
                if (message.Path is not null && !folders.ContainsKey(message.ClassId))
                    folders[message.ClassId] = await FolderOfAsync(message.ClassId, caller.UserName, context.RequestAborted);
                messages.Add((JsonNode)Model(message, folders.GetValueOrDefault(message.ClassId, "")));
            }
        }
        return Results.Json(new JsonObject
        {
            ["user"] = caller.UserName,
            ["class"] = running is null ? null : new JsonObject { ["id"] = running.Id, ["name"] = running.Name },
            ["hand_raised_at"] = running is not null && floor.RaisedAt(running.Id, caller.UserName) is { } at ? ApiTime.Format(at) : null,
            ["messages"] = messages,
            ["visits"] = new JsonArray([.. visits.At(caller.UserName).Select(visit =>
                new JsonObject { ["id"] = visit.Id, ["by"] = visit.TeacherName, ["role"] = visit.RoleName, ["since"] = ApiTime.Format(visit.Since) })]),
        });
    }

    private async Task<IResult> RaiseAsync(HttpContext context, long id)
    {
        (Class? one, ClassMember? member, IResult? refusal) = await FindStudentAsync(context, id);
        if ((refusal ?? RefuseUnlessRunning(one!, time.GetUtcNow())) is { } refused)
            return refused;
        DateTimeOffset at = await floor.RaiseAsync(one!, member!, context.RequestAborted);
        return Results.Json(new JsonObject { ["raised_at"] = ApiTime.Format(at) });
    }

    private async Task<IResult> LowerOwnAsync(HttpContext context, long id)
    {
        (_, ClassMember? member, IResult? refusal) = await FindStudentAsync(context, id);
        if (refusal is not null)
            return refusal;
        await floor.LowerAsync(id, member!.UserName, member.UserName, context.RequestAborted);
        return Results.NoContent();
    }

    private async Task<IResult> LowerAsync(HttpContext context, long id, string user)
    {
        (_, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        string name = UserName.Normalise(user);
        if (await classes.FindMemberAsync(id, name, context.RequestAborted) is null)
            return ApiError.Hub(StatusCodes.Status404NotFound, $"No such member: {user}");
        await floor.LowerAsync(id, name, context.GetCaller().UserName, context.RequestAborted);
        return Results.NoContent();
    }

    /// <summary><c>{"text"}</c>: shown in every page of the class, as it is written.</summary>
    private async Task<IResult> SayAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("text");
        string text = body.Text("text")?.Trim() is { Length: > 0 } words ? words.ReplaceLineEndings("\n") : throw new BadHttpRequestException("text is missing");
        if (text.Length > options.Value.MaxMessageLength)
            throw new BadHttpRequestException(FormattableString.Invariant($"text has {text.Length} characters, more than Classes:MaxMessageLength ({options.Value.MaxMessageLength})"));
        if (text.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\t')))
            throw new BadHttpRequestException("text must not hold control characters");
        if (RefuseUnlessRunning(one!, time.GetUtcNow()) is { } over)
            return over;
        ClassMessage message = await floor.SayAsync(one!, context.GetCaller(), text, path: null, context.RequestAborted);
        return Results.Json(Model(message, ""), statusCode: StatusCodes.Status201Created);
    }

    /// <summary>For everybody in the class.</summary>
    private async Task<IResult> ListAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: false);
        if (refusal is not null)
            return refusal;
        string folder = await FolderOfAsync(one!.Id, context.GetCaller().UserName, context.RequestAborted);
        IReadOnlyList<ClassMessage> messages = await store.ListMessagesAsync(id, AfterOf(context), context.RequestAborted);
        return Results.Json(new JsonArray([.. messages.Select(message => Model(message, folder))]));
    }

    private async Task<(Class? One, ClassMember? Member, IResult? Refusal)> FindStudentAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: false);
        if (refusal is not null)
            return (null, null, refusal);
        ClassMember? member = await classes.FindMemberAsync(id, context.GetCaller().UserName, context.RequestAborted);
        return member is { Teacher: false }
            ? (one, member, null)
            : (null, null, ApiError.Hub(StatusCodes.Status403Forbidden, "Only students of a class raise their hands in it."));
    }

    private async Task<string> FolderOfAsync(long classId, string userName, CancellationToken cancellationToken) =>
        (await classes.FindMemberAsync(classId, userName, cancellationToken))?.Folder ?? "";

    private static long AfterOf(HttpContext context) => context.Request.Query["after"].ToString() switch
    {
        "" => 0,
        var written when long.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out long number) => number,
        _ => throw new BadHttpRequestException("after must be the number (id) of the last message that arrived, or 0"),
    };
}
