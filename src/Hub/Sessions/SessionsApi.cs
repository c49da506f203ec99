using System.Text.Json.Nodes;
using Hub.Http;
using Hub.Kernels;

namespace Hub.Sessions;

/// <summary><c>api/sessions</c> of a user's server (Jupyter Server REST API, "sessions").</summary>
public static class SessionsApi
{
    private const int LongestPath = 4096;

    /// <summary>Maps everything below <c>/user/{user}/api/sessions</c>.</summary>
    public static void Map(RouteGroupBuilder userServer)
    {
        RouteGroupBuilder api = userServer.MapGroup("/api/sessions");
        api.MapGet("", ListAsync);
        api.MapPost("", OpenAsync);
        api.MapGet("/{sessionId}", Get);
        api.MapPatch("/{sessionId}", ChangeAsync);
        api.MapDelete("/{sessionId}", CloseAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, SessionRegistry sessions) =>
        Results.Json((await sessions.ListAsync(context.Server())).Select(found => SessionModel.Of(found.Session, found.Kernel)), ApiJson.Options);

    private static IResult Get(HttpContext context, string sessionId, SessionRegistry sessions) =>
        sessions.Find(context.Server(), sessionId) is var (session, kernel) ? Results.Json(SessionModel.Of(session, kernel), ApiJson.Options) : NotFound(sessionId);

    private static async Task<IResult> OpenAsync(HttpContext context, string user, SessionRegistry sessions)
    {
        if (await context.ReadJsonObjectAsync(context.RequestAborted) is not { } body)
            return ApiError.Server(StatusCodes.Status400BadRequest, "No JSON data provided");
        SessionWish wish = Read(body);
        if (string.IsNullOrEmpty(wish.Path))
            return ApiError.Server(StatusCodes.Status400BadRequest, "Missing field in JSON data: path");
        if (string.IsNullOrEmpty(wish.Type))
            return ApiError.Server(StatusCodes.Status400BadRequest, "Missing field in JSON data: type");
        if (await KernelsApi.OwnerAsync(context, user) is not { } owner)
            return ApiError.Server(StatusCodes.Status404NotFound, "There is no such user.");

        SessionStart start = await sessions.OpenAsync(owner, wish, context.RequestAborted);
        if (start is SessionStart.Ready ready)
            context.Response.Headers.Location = $"{UserUrl.Of(context.Server())}api/sessions/{ready.Session.Id}";
        return Answer(start, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, string user, string sessionId, SessionRegistry sessions)
    {
        if (await context.ReadJsonObjectAsync(context.RequestAborted) is not { } body)
            return ApiError.Server(StatusCodes.Status400BadRequest, "No JSON data provided");
        if (sessions.Find(context.Server(), sessionId) is not var (session, _))
            return NotFound(sessionId);
        if (await KernelsApi.OwnerAsync(context, user) is not { } owner)
            return ApiError.Server(StatusCodes.Status404NotFound, "There is no such user.");
        return Answer(await sessions.ChangeAsync(session, owner, Read(body), context.RequestAborted), StatusCodes.Status200OK);
    }

    private static async Task<IResult> CloseAsync(HttpContext context, string sessionId, SessionRegistry sessions)
    {
        if (sessions.Find(context.Server(), sessionId) is not var (session, _))
            return NotFound(sessionId);
        await sessions.CloseAsync(session);
        return Results.NoContent();
    }

    /// <summary>The fields of both forms of a body; old clients say <c>{"notebook":{"path"}}</c>.</summary>
    /// <exception cref="BadHttpRequestException">A field has the wrong type, or the path is too long.</exception>
    private static SessionWish Read(JsonObject body)
    {
        JsonFields fields = new(body);
        JsonFields? notebook = fields.Fields("notebook");
        JsonFields? kernel = fields.Fields("kernel");
        string? path = fields.Text("path") ?? notebook?.Text("path");
        if (path?.Length > LongestPath)
            throw new BadHttpRequestException($"'path' has {path.Length} characters, more than {LongestPath}.");
        return new SessionWish(
            path, fields.Text("name") ?? notebook?.Text("name"), fields.Text("type") ?? (notebook is null ? null : "notebook"), Given(kernel?.Text("id")), Given(kernel?.Text("name")));
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static IResult Answer(SessionStart start, int success) => start switch
    {
        SessionStart.Ready ready => Results.Json(SessionModel.Of(ready.Session, ready.Kernel), ApiJson.Options, statusCode: success),
        SessionStart.UnknownKernel unknown => ApiError.Server(StatusCodes.Status400BadRequest, $"No such kernel: {unknown.KernelId}"),
        SessionStart.NoKernel { Why: KernelStart.UnknownSpec unknown } => Results.Json(
            new { unknown.Message, ShortMessage = "The kernel is not available." }, ApiJson.Options, statusCode: StatusCodes.Status501NotImplemented),
        SessionStart.NoKernel { Why: KernelStart.Refused refused } => ApiError.Server(StatusCodes.Status403Forbidden, refused.Message),
        SessionStart.NoKernel { Why: KernelStart.BadId bad } => ApiError.Server(StatusCodes.Status400BadRequest, bad.Message),
        SessionStart.NoKernel { Why: KernelStart.Taken taken } => ApiError.Server(StatusCodes.Status409Conflict, taken.Message),
        SessionStart.NoKernel { Why: KernelStart.Failed failed } => ApiError.Server(StatusCodes.Status500InternalServerError, failed.Message, failed.Cause),
        _ => throw new InvalidOperationException("An outcome of a session is not answered."),
    };

    private static IResult NotFound(string sessionId) => ApiError.Server(StatusCodes.Status404NotFound, $"Session not found: session_id='{sessionId}'");
}
