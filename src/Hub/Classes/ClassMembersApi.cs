using System.Text;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Auth;
using Hub.Classes.Ending;
using Hub.Classes.Floor;
using Hub.Classes.Materials;
using Hub.Classes.Rosters;
using Hub.Contents;
using Hub.Events;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Classes;

/// <summary>Who is in a class, how they come in (code, roster), and what they are given.</summary>
internal sealed class ClassMembersApi(
    ClassesStore classes, ClassCallHandler calls, ClassFieldsHandler fields, RosterStore rosters, ClassMaterials materials, HandOuts handOuts, Guests guests, ClassFloor floor,
    CallerWatch watch, EventStream events, TimeProvider time, IOptions<ClassesOptions> options, IOptions<AccountsOptions> accounts)
{
    private const int AtOnce = 4;

    /// <summary>Longest roster, in bytes; a line of an account takes about 60.</summary>
    private const int LongestRoster = 1 << 20;

    public static void Map(IEndpointRouteBuilder routes)
    {
        string path = ClassesApi.Path + "/{id:long}";
        routes.MapGet(path + "/members", (ClassMembersApi api, HttpContext context, long id) => api.ListAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPut(path + "/members/{user}", (ClassMembersApi api, HttpContext context, long id, string user) => api.PutAsync(context, id, user))
            .RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapDelete(path + "/members/{user}", (ClassMembersApi api, HttpContext context, long id, string user) => api.RemoveAsync(context, id, user))
            .RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(path + "/code", (ClassMembersApi api, HttpContext context, long id) => api.RenewCodeAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPatch(path + "/code", (ClassMembersApi api, HttpContext context, long id) => api.CloseCodeAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapGet(path + "/roster", (ClassMembersApi api, HttpContext context, long id) => api.RosterAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(path + "/roster", (ClassMembersApi api, HttpContext context, long id) => api.ImportAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(path + "/hand-out", (ClassMembersApi api, HttpContext context, long id) => api.HandOutAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
    }

    /// <summary>Imports a roster for whoever asks; shared with the page. The answer is CSV with the one-time links of new accounts.</summary>
    /// <exception cref="RosterException">What is wrong, by line; nothing was imported.</exception>
    public async Task<string> ImportAsync(HttpContext context, Class one, string csv)
    {
        (IReadOnlyList<RosterEntry> entries, IReadOnlyList<CsvProblem> problems) = RosterCodec.Decode(csv, accounts.Value.MaxUsersPerRequest, accounts.Value);
        if (problems.Count > 0)
            throw new RosterException(problems);
        Caller caller = context.GetCaller();
        bool mayMake = options.Value.TeachersMakeAccounts || caller.Scopes.Allows(Scope.AdminUsers);
        IReadOnlyList<ClassMember> before = await classes.ListMembersAsync(one.Id, context.RequestAborted);
        IReadOnlyList<RosterPerson> people = await rosters.ImportAsync(one.Id, entries, mayMake, ClassPolicy.MayAgree(caller.Scopes), context.RequestAborted);
        ILookup<string, bool> teachers = people.ToLookup(person => person.Entry.UserName, person => person.Entry.Teacher);
        foreach (ClassMember was in before.Where(was => teachers[was.UserName].Any(teacher => teacher != was.Teacher)))
            await EndAsync(one, was);
        DateTimeOffset now = time.GetUtcNow();
        StringBuilder answer = new(CsvCodec.Encode("name", "display_name", "role", "link", "link_expires_at"));
        string origin = ClassCallHandler.OriginOf(context.Request);
        foreach (RosterPerson person in people)
        {
            if (person.Link is not null)
                await events.PublishAsync(new HubEvent.UserCreated(now, person.Entry.UserName) { By = caller.UserName });
            if (!person.Entry.Teacher)
                _ = handOuts.Offer(one.Id, person.Entry.UserName);
            answer.Append(CsvCodec.Encode(
                person.Entry.UserName, person.Entry.DisplayName ?? "", person.Entry.Teacher ? "teacher" : "student",
                person.Link is var (secret, _) ? origin + PasswordPages.PathOf(secret) : "", person.Link is var (_, until) ? ApiTime.Format(until) : ""));
        }
        await events.PublishAsync(new HubEvent.ClassChanged(now, "", one.Id, "roster") { By = caller.UserName });
        return answer.ToString();
    }

    /// <summary>Hands out to every student, a few homes at a time; shared with the page.</summary>
    public async Task<IReadOnlyList<HandOutResult>> HandOutAsync(Class one, ContentPath only, string by, CancellationToken cancellationToken)
    {
        IReadOnlyList<ClassMember> students = [.. (await classes.ListMembersAsync(one.Id, cancellationToken)).Where(member => !member.Teacher)];
        HandOutResult[] results = new HandOutResult[students.Count];
        await Parallel.ForAsync(0, students.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, turn) =>
            results[i] = await materials.HandOutAsync(one, students[i], only, turn));
        await events.PublishAsync(new HubEvent.ClassChanged(time.GetUtcNow(), "", one.Id, "hand-out") { By = by });
        return results;
    }

    /// <summary>Takes somebody out of the class; a guest's account ends with it. False when they were not in it.</summary>
    public async Task<bool> RemoveAsync(Class one, string userName, string by, CancellationToken cancellationToken)
    {
        if (await classes.FindMemberAsync(one.Id, userName, cancellationToken) is not { } member)
            return false;
        await classes.RemoveMemberAsync(one.Id, member.UserName, CancellationToken.None);
        await EndAsync(one, member);
        await events.PublishAsync(new HubEvent.ClassChanged(time.GetUtcNow(), member.UserName, one.Id, "removed") { By = by });
        if (member.Guest && await classes.CountOpenOfAsync(member.UserId, one.Id, CancellationToken.None) == 0)
            await guests.RemoveAsync(member, withHome: false, by, CancellationToken.None);
        return true;
    }

    /// <summary>Somebody left or is something else now: what they and the teachers have open was opened by the rights of before, and comes back by itself.</summary>
    private async Task EndAsync(Class one, ClassMember was)
    {
        watch.EndUser(was.UserId);
        if (one.Group is { } group)
            watch.EndHolders(scopes => scopes.NamesGroup(group));
        await floor.LeftAsync(one.Id, was.UserName);
    }

    private async Task<IResult> ListAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        return refusal ?? Results.Json((await classes.ListMembersAsync(one!.Id, context.RequestAborted)).Select(ClassModels.Of).ToArray());
    }

    /// <summary><c>{"role"}</c>, student or teacher: puts a user with an account into the class.</summary>
    private async Task<IResult> PutAsync(HttpContext context, long id, string user)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("role");
        bool teacher = body.Text("role") switch
        {
            null or "student" => false,
            "teacher" => true,
            var other => throw new BadHttpRequestException($"role must be student or teacher, not {other}"),
        };
        string name = UserName.Normalise(user);
        ClassMember? before = await classes.FindMemberAsync(id, name, context.RequestAborted);
        if (teacher && before is { Guest: true })
            throw new BadHttpRequestException("A temporary guest cannot teach.");
        if (!teacher && before is null && one!.Students >= one.Capacity)
            return ApiError.Hub(StatusCodes.Status409Conflict, FormattableString.Invariant($"The class is full: its capacity is {one.Capacity}."));
        if (!await classes.AddMemberAsync(id, name, teacher, ClassPolicy.MayAgree(context.GetCaller().Scopes), context.RequestAborted))
            return ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {name}");
        if (before is not null && before.Teacher != teacher)
            await EndAsync(one!, before);
        await events.PublishAsync(new HubEvent.ClassChanged(time.GetUtcNow(), name, id, teacher ? "teacher" : "student") { By = context.GetCaller().UserName });
        if (!teacher && before is null)
            _ = handOuts.Offer(id, name);
        return Results.Json(ClassModels.Of((await classes.FindMemberAsync(id, name, context.RequestAborted))!));
    }

    private async Task<IResult> RemoveAsync(HttpContext context, long id, string user)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        return await RemoveAsync(one!, UserName.Normalise(user), context.GetCaller().UserName, context.RequestAborted)
            ? Results.NoContent()
            : ApiError.Hub(StatusCodes.Status404NotFound, $"No such member: {user}");
    }

    /// <summary><c>{"expires_at"?, "max_uses"?}</c>: a new code; the old one is worth nothing any more.</summary>
    private async Task<IResult> RenewCodeAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        ClassCode wanted = ClassFieldsHandler.ReadCode(await context.ReadJsonObjectAsync(context.RequestAborted), time.GetUtcNow());
        if (one!.Ended is not null)
            return ApiError.Hub(StatusCodes.Status409Conflict, "The class is over.");
        return await CodeAsync(context, await classes.RenewCodeAsync(id, wanted, context.RequestAborted), "code-renewed");
    }

    /// <summary><c>{"closed"}</c>: nobody joins by the code any more, or they do again.</summary>
    private async Task<IResult> CloseCodeAsync(HttpContext context, long id)
    {
        (_, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("closed");
        bool closed = body.Flag("closed") ?? throw new BadHttpRequestException("closed is missing");
        return await CodeAsync(context, await classes.CloseCodeAsync(id, closed, context.RequestAborted), closed ? "code-closed" : "code-opened");
    }

    private async Task<IResult> CodeAsync(HttpContext context, Class? one, string what)
    {
        if (one is null)
            return ApiError.Hub(StatusCodes.Status404NotFound, "No such class");
        await events.PublishAsync(new HubEvent.ClassChanged(time.GetUtcNow(), "", one.Id, what) { By = context.GetCaller().UserName });
        return Results.Json(ClassModels.CodeOf(one.Code, ClassCallHandler.OriginOf(context.Request), time.GetUtcNow()));
    }

    /// <summary>Who is in the class as CSV, in the form that can be imported.</summary>
    private async Task<IResult> RosterAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        StringBuilder csv = new(CsvCodec.Encode("name", "display_name", "role"));
        foreach (ClassMember member in await classes.ListMembersAsync(id, context.RequestAborted))
            csv.Append(CsvCodec.Encode(member.UserName, member.DisplayName, member.Teacher ? "teacher" : "student"));
        return Results.File(Encoding.UTF8.GetBytes(csv.ToString()), "text/csv; charset=utf-8", $"{one!.Folder}.csv");
    }

    /// <summary>A CSV body: 201 with CSV, or 400 with <c>errors</c> by line.</summary>
    private async Task<IResult> ImportAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        if (one!.Ended is not null)
            return ApiError.Hub(StatusCodes.Status409Conflict, "The class is over.");
        try
        {
            string answer = await ImportAsync(context, one, await ReadTextAsync(context));
            context.Response.Headers.CacheControl = "no-store";
            return Results.Text(answer, "text/csv", Encoding.UTF8, StatusCodes.Status201Created);
        }
        catch (RosterException wrong)
        {
            JsonArray errors = [.. wrong.Problems.Select(problem => new JsonObject { ["line"] = problem.Line, ["message"] = problem.What })];
            return Results.Json(
                new JsonObject { ["status"] = 400, ["message"] = "Nothing was imported: " + wrong.Problems[0], ["errors"] = errors },
                statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<string> ReadTextAsync(HttpContext context)
    {
        using MemoryStream body = new();
        byte[] piece = new byte[16 << 10];
        for (int read; (read = await context.Request.Body.ReadAsync(piece, context.RequestAborted)) > 0;)
        {
            if (body.Length + read > LongestRoster)
                throw new BadHttpRequestException($"The roster is longer than {LongestRoster} bytes.", StatusCodes.Status413PayloadTooLarge);
            await body.WriteAsync(piece.AsMemory(0, read), context.RequestAborted);
        }
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body.GetBuffer(), 0, (int)body.Length);
        }
        catch (DecoderFallbackException wrong)
        {
            throw new BadHttpRequestException("The roster is not UTF-8; save it as 'CSV UTF-8'.", wrong);
        }
    }

    /// <summary><c>{"path"?}</c> within the materials; without it all of them. What is there already stays as it is.</summary>
    private async Task<IResult> HandOutAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("path");
        ContentPath only = fields.PathOf(body.Text("path") ?? "");
        IReadOnlyList<HandOutResult> results = await HandOutAsync(one!, only, context.GetCaller().UserName, context.RequestAborted);
        return Results.Json(new { Members = results.Select(result => new { Name = result.UserName, result.Folder, result.Copied, result.Kept, result.Problem }) });
    }
}
