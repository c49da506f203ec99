using System.Globalization;
using Hub.Accounts;
using Hub.Auth;
using Hub.Events.Audit;
using Hub.Http;
using Hub.Storage;
using Web.Pages;

namespace Hub.Admin;

/// <summary>The panel as the server draws it: one table a page, which scripts take over and keep true. Everything in it is text.</summary>
internal sealed class AdminPages(AdminSnapshots snapshots, AdminMeter meter, AdminUsers users, AdminSettings settings, AuditStore audit, AdminBundle bundle, TimeProvider time)
{
    private const string Root = "/hub/admin";
    private const int RowsDrawn = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Root, (AdminPages pages, HttpContext context) => pages.OverviewAsync(context)).RequireScope(Scope.AdminUi);
        routes.MapGet(Root + "/kernels", (AdminPages pages, HttpContext context) => pages.KernelsAsync(context)).RequireScope(Scope.AdminUi);
        routes.MapGet(Root + "/users", (AdminPages pages, HttpContext context) => pages.UsersAsync(context)).RequireScope(Scope.AdminUi);
        routes.MapGet(Root + "/events", (AdminPages pages, HttpContext context) => pages.EventsAsync(context)).RequireScope(Scope.AdminUi);
        routes.MapGet(Root + "/settings", (AdminPages pages, HttpContext context) => pages.SettingsAsync(context)).RequireScope(Scope.AdminUi);
    }

    private async Task<IResult> OverviewAsync(HttpContext context)
    {
        if (!context.GetCaller().Scopes.Allows(Scope.ReadHub))
            return Draw(context, "overview", "Overview", Refused(Scope.ReadHub));
        await meter.MeasureAsync(context.RequestAborted);
        Overview now = snapshots.Take(null).Overview;
        List<IReadOnlyList<string>> rows =
        [
            ["Signed in", $"{Number(now.SignedIn)} of {Number(now.Users)} users"],
            ["Servers", Number(now.Servers)],
            .. now.Kernels.Select(state => (IReadOnlyList<string>)[$"Kernels {state.Key}", Number(state.Value)]),
            ["Open notebook tabs", Number(now.Tabs)],
            ["Memory of the hub", Bytes(now.HubMemory)],
            ["Memory of kernels", now.KernelMemory is { } memory ? $"{Bytes(memory)} ({now.Measured} measured)" : "unknown"],
            ["Starts in the last minute", Number(now.Starts[^1])],
            .. now.Failures.Where(failure => context.GetCaller().Scopes.AllowsServer(Scope.ReadServers, failure.User, ""))
                .Select(failure => (IReadOnlyList<string>)[$"{failure.User}: {failure.Cause}", failure.Message]),
        ];
        return Draw(context, "overview", "Overview", new AdminTable("The hub now", ["What", "Now"], rows));
    }

    private async Task<IResult> KernelsAsync(HttpContext context)
    {
        ScopeSet scopes = context.GetCaller().Scopes;
        if (!scopes.Has(Scope.ReadServers))
            return Draw(context, "kernels", "Kernels", Refused(Scope.ReadServers));
        await meter.MeasureAsync(context.RequestAborted);
        List<KernelRow> seen = [.. snapshots.Take(null).Kernels.Values.Where(row => scopes.AllowsServer(Scope.ReadServers, row.User, "")).OrderBy(row => row.User, StringComparer.Ordinal)];
        return Draw(context, "kernels", "Kernels", new AdminTable(
            "Kernels", ["Owner", "Notebook", "State", "Kind", "Tabs", "Memory", "Last activity"],
            [
                .. seen.Take(RowsDrawn).Select(row => (IReadOnlyList<string>)
                    [row.User, row.Path, row.State, row.Kind, Number(row.Tabs), row.Memory is { } memory ? Bytes(memory) : "unknown", TimeAgo.Since(row.LastActivity, time.GetUtcNow())]),
            ],
            seen.Count > RowsDrawn ? $"{RowsDrawn} of {seen.Count} are shown." : null));
    }

    private async Task<IResult> UsersAsync(HttpContext context)
    {
        if (!context.GetCaller().Scopes.Has(Scope.ListUsers))
            return Draw(context, "users", "Users", Refused(Scope.ListUsers));
        IQueryCollection query = context.Request.Query;
        string name = query["name"].ToString();
        Paging paging = Paging.Of(context.Request);
        UserListPage page = await users.ListAsync(context.GetCaller().Scopes, name, "", "", paging.Offset, paging.Limit, context.RequestAborted);
        string here = context.Request.PathBase.ToUriComponent() + Root + "/users?name=" + Uri.EscapeDataString(name) + "&offset=";
        int next = page.Offset + page.Items.Count;
        return Draw(context, "users", "Users", new AdminTable(
            "Users", ["Name", "Display name", "Role", "Server", "Kernels", "Last activity"],
            [
                .. page.Items.Select(user => (IReadOnlyList<string>)
                    [user.Name, user.DisplayName, user.Admin ? "administrator" : user.Disabled == true ? "disabled" : "user", user.Server ?? "", user.Kernels?.ToString(CultureInfo.InvariantCulture) ?? "", user.LastActivity ?? "never"]),
            ],
            $"{page.Total} in all.",
            page.Offset > 0 ? new PageLink("Back", here + Math.Max(0, page.Offset - page.Limit)) : null,
            next < page.Total && page.Items.Count > 0 ? new PageLink("Next", here + next) : null));
    }

    private async Task<IResult> EventsAsync(HttpContext context)
    {
        if (!context.GetCaller().Scopes.Allows(Scope.ReadAudit))
            return Draw(context, "events", "Events", Refused(Scope.ReadAudit));
        IReadOnlyList<AuditRecord> records = await audit.ListAsync(new AuditQuery { NewestFirst = true, Limit = 100 }, context.RequestAborted);
        return Draw(context, "events", "Events", new AdminTable(
            "The last of the audit", ["When", "What", "Who", "Whom", "Detail"],
            [.. records.Select(record => (IReadOnlyList<string>)[ApiTime.Format(StoredTime.FromStored(record.At)), record.Kind, record.By, record.User, record.Detail])]));
    }

    private Task<IResult> SettingsAsync(HttpContext context) => Task.FromResult(Draw(context, "settings", "Settings", context.GetCaller().Scopes.Allows(Scope.ReadHub)
        ? new AdminTable("Settings in force", ["Setting", "Value", "Meaning"], [.. settings.List().Select(row => (IReadOnlyList<string>)[row.Key, row.Value, row.Meaning])])
        : Refused(Scope.ReadHub)));

    private IResult Draw(HttpContext context, string page, string title, AdminTable table)
    {
        PageFrame frame = context.GetPageFrame();
        return HubPages.Draw<AdminPage>(context, new AdminPageView(
            frame, page, title, table, bundle.Script is { } script ? $"{frame.BasePath}static/admin/{script}" : null, string.Join(' ', context.GetCaller().Scopes.ToStrings())));
    }

    private static AdminTable Refused(string scope) => new($"This needs the scope {scope}, which you do not hold.", [], []);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB");
}
