using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Contents;
using Hub.Http;
using Hub.Kernels;
using Microsoft.Extensions.Options;

namespace Hub.Terminals;

/// <summary><c>api/terminals</c> and <c>terminals/websocket</c> of a user's server (Jupyter Server REST API, "terminals").</summary>
internal static class TerminalsApi
{
    private const string Name = "{terminal}";

    /// <summary>Maps everything below <c>/user/{user}/api/terminals</c>, and the socket.</summary>
    public static void Map(RouteGroupBuilder userServer)
    {
        RouteGroupBuilder api = userServer.MapGroup("/api/terminals");
        api.MapGet("", (HttpContext context, TerminalRegistry terminals) => Results.Json(terminals.List(context.Server()).Select(TerminalModel.Of), ApiJson.Options));
        api.MapPost("", StartAsync);
        api.MapGet($"/{Name}", (HttpContext context, string terminal, TerminalRegistry terminals) =>
            terminals.Find(context.Server(), terminal) is { } live ? Results.Json(TerminalModel.Of(live), ApiJson.Options) : NotFound(terminals, terminal));
        api.MapDelete($"/{Name}", DeleteAsync);
        userServer.MapGet($"/terminals/websocket/{Name}", TerminalSocket.AcceptAsync);
    }

    /// <summary>Jupyter Server's words; just after a start of the hub, that it is not known yet.</summary>
    public static IResult NotFound(TerminalRegistry terminals, string name) => terminals.IsComplete
        ? ApiError.Server(StatusCodes.Status404NotFound, $"Terminal not found: {(name.Length <= 64 ? name : name[..64] + "…")}")
        : ApiError.Server(StatusCodes.Status503ServiceUnavailable, "The hub has just started and does not know yet which terminals run. Try again in a moment.");

    /// <summary><c>{"name", "cwd"}</c> as Jupyter Server takes it, and of ours <c>"environment"</c>; nothing at all is fine, too.</summary>
    private static async Task<IResult> StartAsync(HttpContext context, string user, TerminalRegistry terminals, IOptions<TerminalsOptions> options, IOptions<ContentsOptions> contents)
    {
        JsonObject? body = await context.ReadJsonObjectAsync(context.RequestAborted);
        if (!options.Value.Enabled)
            return ApiError.Server(StatusCodes.Status501NotImplemented, $"This hub has no terminals ({TerminalsOptions.Section}:{nameof(TerminalsOptions.Enabled)}).");
        JsonFields wish = new(body);
        string directory;
        try
        {
            // Front ends say the place as the file browser shows it; one that is not there is the home, as in Jupyter Server.
            directory = ContentPath.Parse(wish.Text("cwd") is { } cwd and not "." ? cwd : "", contents.Value).Text;
        }
        catch (ContentException wrong)
        {
            return ApiError.Server(StatusCodes.Status400BadRequest, $"cwd is no directory: {wrong.Message}");
        }

        if (await KernelsApi.OwnerAsync(context, user) is not { } owner)
            return ApiError.Server(StatusCodes.Status404NotFound, "There is no such user.");
        return await terminals.StartAsync(owner, wish.Text("name"), directory, wish.Text("environment"), context.GetCaller().UserName, context.RequestAborted) switch
        {
            TerminalStart.Started started => Results.Json(TerminalModel.Of(started.Terminal), ApiJson.Options),
            TerminalStart.BadWish bad => ApiError.Server(StatusCodes.Status400BadRequest, bad.Message),
            TerminalStart.Refused refused => ApiError.Server(StatusCodes.Status403Forbidden, refused.Message),
            TerminalStart.Taken taken => ApiError.Server(StatusCodes.Status409Conflict, taken.Message),
            TerminalStart.Failed failed => ApiError.Server(StatusCodes.Status500InternalServerError, failed.Message, failed.Cause),
            _ => throw new InvalidOperationException("An outcome of a start is not answered."),
        };
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string terminal, TerminalRegistry terminals)
    {
        if (terminals.Find(context.Server(), terminal) is not { } live)
            return NotFound(terminals, terminal);
        await terminals.EndAsync(live, TerminalEnd.Deleted, context.GetCaller().UserName);
        return Results.NoContent();
    }
}
