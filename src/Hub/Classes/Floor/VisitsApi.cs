using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Contents;
using Hub.Http;
using Hub.Servers;

namespace Hub.Classes.Floor;

/// <summary>Stepping in beside a student, and leaving.</summary>
internal sealed class VisitsApi(ClassesStore classes, ClassCallHandler calls, ClassFieldsHandler fields, Visits visits, ServerRegistry servers, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        string path = ClassesApi.Path + "/{id:long}/visits";
        routes.MapGet(path, (VisitsApi api, HttpContext context, long id) => api.ListAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(path, (VisitsApi api, HttpContext context, long id) => api.OpenAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapDelete(path + "/{visitId}", (VisitsApi api, HttpContext context, long id, string visitId) => api.EndAsync(context, id, visitId)).RequireScope(Scope.Classes, ScopeFilter.Any);
    }

    /// <summary><c>{"user", "role"?, "path"?}</c>: opens a student's door for who asks; by default to look only.</summary>
    private async Task<IResult> OpenAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("user", "role", "path");
        string student = UserName.Normalise(body.Text("user") ?? throw new BadHttpRequestException("user is missing"));
        VisitRole role = body.Text("role") switch
        {
            null or "viewer" => VisitRole.Viewer,
            "helper" => VisitRole.Helper,
            var other => throw new BadHttpRequestException($"role must be viewer or helper, not {other}"),
        };
        ContentPath path = fields.PathOf(body.Text("path") ?? "");
        if (FloorApi.RefuseUnlessRunning(one!, time.GetUtcNow()) is { } over)
            return over;
        Caller caller = context.GetCaller();
        bool mayAnyway = caller.Scopes.AllowsServer(Scope.AccessServers, student, "");
        if (caller.Service is not null || (!one!.Teachers.Contains(caller.UserName) && !mayAnyway))
            return ApiError.Hub(StatusCodes.Status403Forbidden, $"Only teachers of the class step in beside its students, and who holds {Scope.AccessServers}.");
        if (await classes.FindMemberAsync(id, student, context.RequestAborted) is not { Teacher: false } member)
            return ApiError.Hub(StatusCodes.Status404NotFound, $"No such student: {student}");
        // A teacher's word alone puts anybody on the list of a class: that must not open their door.
        if (!member.Reached && !mayAnyway)
            return ApiError.Hub(StatusCodes.Status403Forbidden, $"{member.DisplayName} has not joined the class yet: teachers reach who used its code, and whom an administrator put into it.");
        if (member.UserName == caller.UserName)
            throw new BadHttpRequestException("user must be somebody else: one's own server needs no visit");
        await servers.TryStartAsync(member.UserName, CancellationToken.None);
        Visit visit = await visits.OpenAsync(one, caller, member, role);
        JsonObject answer = Model(visit);
        string where = path.IsRoot ? member.Folder : path.Text;
        answer["url"] = $"{context.Request.PathBase}{UserUrl.Of(member.UserName, where.Length > 0 ? "lab/tree/" + where : "lab")}?visit={visit.Id}";
        return Results.Json(answer, statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> ListAsync(HttpContext context, long id)
    {
        (_, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        return refusal ?? Results.Json(new JsonArray([.. visits.List(id).Select(Model)]));
    }

    private async Task<IResult> EndAsync(HttpContext context, long id, string visitId)
    {
        (_, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        return await visits.EndAsync(id, visitId) ? Results.NoContent() : ApiError.Hub(StatusCodes.Status404NotFound, $"No such visit: {visitId}");
    }

    private static JsonObject Model(Visit visit) => new()
    {
        ["id"] = visit.Id,
        ["user"] = visit.Student,
        ["by"] = visit.Teacher,
        ["role"] = visit.RoleName,
        ["since"] = ApiTime.Format(visit.Since),
        ["expires_at"] = ApiTime.Format(visit.Until),
    };
}
