using Hub.Accounts;
using Hub.Auth;
using Hub.Classes;
using Hub.Events.Audit;
using Hub.Http;
using Hub.Kernels;
using Hub.KernelSpecs;
using Hub.Servers;
using Hub.Sessions;
using Hub.Sharing;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Lab;

/// <summary>A person's first page: the ways into their notebooks, their other servers, and what runs for them, with a button to stop it.</summary>
internal sealed class HomePages(
    KernelRegistry kernels, SessionRegistry sessions, KernelSpecCatalog specs, ClassesStore classes, ServerRegistry servers, NamedServersHandler named, SharePages sharing,
    TimeProvider time, IOptions<AuditOptions> audit, IOptions<ServersOptions> serversOptions)
{
    private const string Home = "/hub/home";
    private const string Servers = Home + "/servers";

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (string root in new[] { "/", "/hub" })
            routes.MapGet(root, () => Results.Redirect(Home)).Public("Leads to the home page, which asks to sign in");
        routes.MapGet(Home, (HomePages pages, HttpContext context) => pages.ShowAsync(context)).RequireScope(Scope.AccessServers, ScopeFilter.Any);
        routes.MapPost(Home + "/kernels/{id}/stop", (HomePages pages, HttpContext context, string id) => pages.StopAsync(context, id))
            .RequireScope(Scope.AccessServers, ScopeFilter.Any);
        routes.MapPost(Servers, (HomePages pages, HttpContext context) => pages.AddServerAsync(context)).RequireScope(Scope.StartServers, ScopeFilter.Any);
        routes.MapPost(Servers + "/{name}/start", (HomePages pages, HttpContext context, string name) => pages.StartServerAsync(context, name))
            .RequireScope(Scope.StartServers, ScopeFilter.Any);
        routes.MapPost(Servers + "/{name}/stop", (HomePages pages, HttpContext context, string name) => pages.StopServerAsync(context, name))
            .RequireScope(Scope.DeleteServers, ScopeFilter.Any);
        routes.MapPost(Servers + "/{name}/delete", (HomePages pages, HttpContext context, string name) => pages.DeleteServerAsync(context, name))
            .RequireScope(Scope.DeleteServers, ScopeFilter.Any);
    }

    private Task<IResult> ShowAsync(HttpContext context) => DrawAsync(context, Said(context.Request.Query));

    private async Task<IResult> DrawAsync(HttpContext context, string? notice = null, string? error = null, string typed = "", int status = StatusCodes.Status200OK)
    {
        Caller caller = context.GetCaller();
        string user = caller.UserName;
        (IReadOnlyList<Class> own, _) = await classes.ListAsync(new ClassQuery(caller.UserId), context.RequestAborted);
        Dictionary<string, Session> byKernel = [];
        foreach ((Session session, LiveKernel kernel) in await sessions.ListOfUserAsync(user))
            byKernel[kernel.Id] = session;
        HomeView view = new(
            context.GetPageFrame(),
            UserUrl.Of(user, "lab"),
            UserUrl.Of(user, "tree"),
            [.. kernels.List(user).Reverse().Select(kernel => Row(kernel, byKernel.GetValueOrDefault(kernel.Id)))],
            time.GetUtcNow(),
            notice)
        {
            Error = error,
            CellNotice = CellNotice.Of(audit.Value),
            Classes = [.. own.Where(one => one.Ended is null).Select(one => ClassPages.Summary(one, caller))],
            Servers = ServersOf(caller, typed),
            Sharing = await sharing.PartAsync(caller, context.RequestAborted),
        };
        return HubPages.Draw<HomePage>(context, view, status);
    }

    /// <summary>Stops a kernel of the caller's own; one that is gone already counts as stopped.</summary>
    private async Task<IResult> StopAsync(HttpContext context, string id)
    {
        if (kernels.Find(context.GetCaller().UserName, id) is { } kernel)
            await kernels.StopAsync(kernel);
        return Back(context, "stopped");
    }

    private async Task<IResult> AddServerAsync(HttpContext context)
    {
        IFormCollection form = await context.ReadFormBodyAsync();
        string name = form["server"].ToString().Trim();
        ServerKey server = new(context.GetCaller().UserName, name);
        if (!MayUse(context, Scope.StartServers, server))
            return await RefusedAsync(context, name);
        return await named.CreateAsync(server, new ServerWish(), context.GetCaller(), context.RequestAborted) is var (status, why)
            ? await DrawAsync(context, error: why, typed: name, status: status)
            : await StartServerAsync(context, name);
    }

    /// <summary>Starts it and goes there.</summary>
    private async Task<IResult> StartServerAsync(HttpContext context, string name)
    {
        ServerKey server = new(context.GetCaller().UserName, name);
        if (!MayUse(context, Scope.StartServers, server))
            return await RefusedAsync(context);
        switch (await servers.TryStartAsync(server, context.RequestAborted))
        {
            case StartOutcome.Started or StartOutcome.AlreadyRunning:
                return To(context, UserUrl.Of(server, "lab"));
            case StartOutcome.NotAllowed:
                return await DrawAsync(context, error: NamedServersHandler.NotAllowed, status: StatusCodes.Status400BadRequest);
            case StartOutcome.Stopping:
                return await DrawAsync(context, error: $"The server '{name}' is just being stopped; try again in a moment.", status: StatusCodes.Status400BadRequest);
            default:
                return await DrawAsync(context, error: $"You have no server '{name}' any more.", status: StatusCodes.Status404NotFound);
        }
    }

    /// <summary>One that is gone or stopped already counts as stopped.</summary>
    private async Task<IResult> StopServerAsync(HttpContext context, string name)
    {
        ServerKey server = new(context.GetCaller().UserName, name);
        if (!MayUse(context, Scope.DeleteServers, server))
            return await RefusedAsync(context);
        await servers.StopAsync(server, context.RequestAborted);
        return Back(context, "server-stopped");
    }

    private async Task<IResult> DeleteServerAsync(HttpContext context, string name)
    {
        ServerKey server = new(context.GetCaller().UserName, name);
        if (!MayUse(context, Scope.DeleteServers, server))
            return await RefusedAsync(context);
        return await named.RemoveAsync(server, context.GetCaller(), context.RequestAborted) is var (status, why) && status != StatusCodes.Status404NotFound
            ? await DrawAsync(context, error: why, status: status)
            : Back(context, "server-deleted");
    }

    private ServersPart ServersOf(Caller caller, string typed)
    {
        List<ServerRow> rows = [.. servers.ListOf(caller.UserName).Where(one => one.Server.Name.Length > 0).Select(one => Row(one.Server, one.Phase))];
        // A guest came for one class, whose notebooks are in the default server.
        bool mayAdd = named.Allowed && !caller.Guest && rows.Count < serversOptions.Value.NamedPerUser && caller.Scopes.AllowsUser(Scope.StartServers, caller.UserName);
        return new ServersPart(rows, mayAdd ? Servers : null, typed);
    }

    private ServerRow Row(UserServer server, ServerPhase phase)
    {
        string here = $"{Servers}/{Uri.EscapeDataString(server.Name)}";
        return new ServerRow(
            server.Name,
            server.DisplayName.Length > 0 ? server.DisplayName : server.Name,
            phase switch { ServerPhase.Running => "running", ServerPhase.Stopping => "stopping", _ => "stopped" },
            server.LastActivity,
            phase == ServerPhase.Running ? UserUrl.Of(server.Key, "lab") : null,
            phase == ServerPhase.Stopped && named.Allowed ? here + "/start" : null,
            phase == ServerPhase.Running ? here + "/stop" : null,
            phase == ServerPhase.Stopped ? here + "/delete" : null);
    }

    private RunningKernel Row(LiveKernel kernel, Session? session) => new(
        kernel.Id,
        specs.Find(kernel.SpecName)?.DisplayName ?? kernel.SpecName,
        session?.Path ?? "",
        kernel.ExecutionState,
        kernel.ConnectionCount,
        kernel.LastActivity,
        session is { Type: "notebook" } ? UserUrl.Of(kernel.Owner.Server, "lab/tree/" + session.Path) : null,
        $"{Home}/kernels/{Uri.EscapeDataString(kernel.Id)}/stop")
    {
        Server = kernel.Owner.ServerName,
    };

    private static string? Said(IQueryCollection query) =>
        query.ContainsKey("stopped") ? "The kernel was stopped."
        : query.ContainsKey("server-stopped") ? "The server was stopped."
        : query.ContainsKey("server-deleted") ? "The server was deleted. Your files are as they were."
        : null;

    /// <summary>The routes ask for the right to any server; here it is asked for this one.</summary>
    private static bool MayUse(HttpContext context, string scope, ServerKey server) => context.GetCaller().Scopes.AllowsServer(scope, server.UserName, server.Name);

    private Task<IResult> RefusedAsync(HttpContext context, string typed = "") =>
        DrawAsync(context, error: "You may not do this with your servers.", typed: typed, status: StatusCodes.Status403Forbidden);

    private static IResult Back(HttpContext context, string what) => To(context, $"{Home}?{what}");

    private static IResult To(HttpContext context, string address)
    {
        context.Response.Headers.Location = address;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
