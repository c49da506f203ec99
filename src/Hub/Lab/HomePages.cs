using Hub.Accounts;
using Hub.Auth;
using Hub.Classes;
using Hub.Events.Audit;
using Hub.Http;
using Hub.Kernels;
using Hub.KernelSpecs;
using Hub.Sessions;
using Hub.Sharing;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Lab;

/// <summary>A person's first page: the ways into their notebooks, and what runs for them, with a button to stop it.</summary>
internal sealed class HomePages(
    KernelRegistry kernels, SessionRegistry sessions, KernelSpecCatalog specs, ClassesStore classes, SharePages sharing, TimeProvider time, IOptions<AuditOptions> audit)
{
    private const string Home = "/hub/home";

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (string root in new[] { "/", "/hub" })
            routes.MapGet(root, () => Results.Redirect(Home)).Public("Leads to the home page, which asks to sign in");
        routes.MapGet(Home, (HomePages pages, HttpContext context) => pages.ShowAsync(context)).RequireScope(Scope.AccessServers, ScopeFilter.Any);
        routes.MapPost(Home + "/kernels/{id}/stop", (HomePages pages, HttpContext context, string id) => pages.StopAsync(context, id))
            .RequireScope(Scope.AccessServers, ScopeFilter.Any);
    }

    private async Task<IResult> ShowAsync(HttpContext context)
    {
        Caller caller = context.GetCaller();
        string user = caller.UserName;
        (IReadOnlyList<Class> own, _) = await classes.ListAsync(new ClassQuery(caller.UserId), context.RequestAborted);
        Dictionary<string, Session> byKernel = [];
        foreach ((Session session, LiveKernel kernel) in await sessions.ListAsync(user))
            byKernel[kernel.Id] = session;
        return HubPages.Draw<HomePage>(context, new HomeView(
            context.GetPageFrame(),
            UserUrl.Of(user, "lab"),
            UserUrl.Of(user, "tree"),
            [.. kernels.List(user).Reverse().Select(kernel => Row(kernel, byKernel.GetValueOrDefault(kernel.Id)))],
            time.GetUtcNow(),
            context.Request.Query.ContainsKey("stopped") ? "The kernel was stopped." : null)
        {
            CellNotice = CellNotice.Of(audit.Value),
            Classes = [.. own.Where(one => one.Ended is null).Select(one => ClassPages.Summary(one, caller))],
            Sharing = await sharing.PartAsync(caller, context.RequestAborted),
        });
    }

    /// <summary>Stops a kernel of the caller's own; one that is gone already counts as stopped.</summary>
    private async Task<IResult> StopAsync(HttpContext context, string id)
    {
        if (kernels.Find(context.GetCaller().UserName, id) is { } kernel)
            await kernels.StopAsync(kernel);
        context.Response.Headers.Location = Home + "?stopped";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private RunningKernel Row(LiveKernel kernel, Session? session) => new(
        kernel.Id,
        specs.Find(kernel.SpecName)?.DisplayName ?? kernel.SpecName,
        session?.Path ?? "",
        kernel.ExecutionState,
        kernel.ConnectionCount,
        kernel.LastActivity,
        session is { Type: "notebook" } ? UserUrl.Of(kernel.Owner.UserName, "lab/tree/" + session.Path) : null,
        $"{Home}/kernels/{Uri.EscapeDataString(kernel.Id)}/stop");
}
