using System.Globalization;
using Hub.Accounts;
using Hub.Admin.Environments;
using Hub.Admin.Walls;
using Hub.Auth;
using Hub.Classes;
using Hub.Events.Audit;
using Hub.Http;
using Hub.Storage;
using Web.Pages;

namespace Hub.Admin;

/// <summary>The panel as the server draws it: one table a page, which scripts take over and keep true. Everything in it is text.</summary>
internal sealed class AdminPages(
    AdminSnapshots snapshots, AdminMeter meter, AdminUsers users, AdminSettings settings, AuditStore audit, AdminBundle bundle, GroupsStore groups, ClassesStore classes,
    ClassCallHandler calls, ClassWalls walls, EnvironmentRows environments, SignUpsStore signUps, TimeProvider time)
{
    private const string Root = "/hub/admin";
    private const int RowsDrawn = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Root, (AdminPages pages, HttpContext context) => pages.OverviewAsync(context)).RequireScope(Scope.AdminUi, ScopeFilter.Any);
        routes.MapGet(Root + "/kernels", (AdminPages pages, HttpContext context) => pages.KernelsAsync(context)).RequireScope(Scope.AdminUi, ScopeFilter.Any);
        routes.MapGet(Root + "/servers", (AdminPages pages, HttpContext context) => pages.ServersAsync(context)).RequireScope(Scope.AdminUi, ScopeFilter.Any);
        routes.MapGet(Root + "/classes", (AdminPages pages, HttpContext context) => pages.ClassesAsync(context)).RequireScope(Scope.AdminUi, ScopeFilter.Any);
        routes.MapGet(Root + "/classes/{id:long}", (AdminPages pages, HttpContext context, long id) => pages.WallAsync(context, id)).RequireScope(Scope.AdminUi, ScopeFilter.Any);
        routes.MapGet(Root + "/environments", (AdminPages pages, HttpContext context) => pages.EnvironmentsAsync(context)).RequireScope(Scope.AdminUi, ScopeFilter.Any);
        routes.MapGet(Root + "/users", (AdminPages pages, HttpContext context) => pages.UsersAsync(context)).RequireScope(Scope.AdminUi, ScopeFilter.Any);
        routes.MapGet(Root + "/events", (AdminPages pages, HttpContext context) => pages.EventsAsync(context)).RequireScope(Scope.AdminUi, ScopeFilter.Any);
        routes.MapGet(Root + "/settings", (AdminPages pages, HttpContext context) => pages.SettingsAsync(context)).RequireScope(Scope.AdminUi, ScopeFilter.Any);
    }

    private async Task<IResult> OverviewAsync(HttpContext context)
    {
        // A teacher's panel begins with their classes.
        if (!context.GetCaller().Scopes.Allows(Scope.AdminUi))
            return Results.Redirect(context.Request.PathBase.ToUriComponent() + Root + "/classes");
        if (!context.GetCaller().Scopes.Allows(Scope.ReadHub))
            return await DrawAsync(context, "overview", "Overview", Refused(Scope.ReadHub));
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
            ["Starts that wait", now.IsFull ? $"{Number(now.Waiting)}, for free memory" : Number(now.Waiting)],
            ["Free memory of the machine", now.FreeMemory is { } free ? Bytes(free) : "unknown"],
            .. now.Failures.Where(failure => context.GetCaller().Scopes.AllowsServer(Scope.ReadServers, failure.User, ""))
                .Select(failure => (IReadOnlyList<string>)[$"{failure.User}: {failure.Cause}", failure.Message]),
        ];
        return await DrawAsync(context, "overview", "Overview", new AdminTable("The hub now", ["What", "Now"], rows));
    }

    private Task<IResult> KernelsAsync(HttpContext context) => DrawRowsAsync(
        context, "kernels", "Kernels", ["Owner", "Notebook", "State", "Kind", "Tabs", "Memory", "Last activity"],
        now => now.Kernels.Values.OrderBy(row => row.User, StringComparer.Ordinal), row => (row.User, row.Server),
        row => [row.Server.Length > 0 ? $"{row.User}/{row.Server}" : row.User, row.Path, row.State, row.Kind, Number(row.Tabs), MemoryOf(row.Memory, row.MemoryLimit), TimeAgo.Since(row.LastActivity, time.GetUtcNow())]);

    private Task<IResult> ServersAsync(HttpContext context) => DrawRowsAsync(
        context, "servers", "Servers", ["Owner", "Name", "State", "Started", "Kernels", "Tabs", "Memory", "Last activity"],
        now => now.Servers.Values.OrderBy(row => row.Id, StringComparer.Ordinal), row => (row.User, row.Name),
        row =>
        [
            row.User, row.Name.Length > 0 ? row.Name : "default", row.State, TimeAgo.Since(row.Started, time.GetUtcNow()), Number(row.Kernels), Number(row.Tabs),
            MemoryOf(row.Memory, row.MemoryLimit), TimeAgo.Since(row.LastActivity, time.GetUtcNow()),
        ]);

    /// <summary>What runs on the servers the caller may see, as a table.</summary>
    private async Task<IResult> DrawRowsAsync<TRow>(
        HttpContext context, string page, string title, IReadOnlyList<string> columns, Func<AdminSnapshot, IEnumerable<TRow>> rowsOf, Func<TRow, (string User, string Server)> serverOf,
        Func<TRow, IReadOnlyList<string>> cellsOf)
    {
        ScopeSet scopes = context.GetCaller().Scopes;
        if (!scopes.Has(Scope.ReadServers))
            return await DrawAsync(context, page, title, Refused(Scope.ReadServers));
        await meter.MeasureAsync(context.RequestAborted);
        IReadOnlyDictionary<string, IReadOnlyList<string>>? theirs = await MembershipsAsync(scopes, context.RequestAborted);
        List<TRow> seen = [.. rowsOf(snapshots.Take(null)).Where(row => serverOf(row) is var (user, server) && scopes.AllowsServer(Scope.ReadServers, user, server, theirs?.GetValueOrDefault(user)))];
        return await DrawAsync(context, page, title, new AdminTable(
            title, columns, [.. seen.Take(RowsDrawn).Select(cellsOf)], seen.Count > RowsDrawn ? $"{RowsDrawn} of {seen.Count} are shown." : null));
    }

    /// <summary>Who is in the groups by which somebody reaches servers; null for whoever reaches none by a group.</summary>
    private async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>?> MembershipsAsync(ScopeSet scopes, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<string> named = scopes.GroupsOf(Scope.ReadServers);
        return named.Count == 0 ? null : await groups.OfMembersAsync(named, cancellationToken);
    }

    private async Task<IResult> ClassesAsync(HttpContext context)
    {
        Caller caller = context.GetCaller();
        ClassQuery query = new(caller.Scopes.Allows(Scope.Classes) ? null : caller.UserId, 0, RowsDrawn);
        (IReadOnlyList<Class> found, int total) = await classes.ListAsync(query, context.RequestAborted);
        return await DrawAsync(context, "classes", "Classes", new AdminTable(
            "Classes", ["Class", "Teachers", "Students", "State"],
            [
                .. found.Where(one => ClassPolicy.MayManage(caller.Scopes, one)).Select(one => (IReadOnlyList<string>)
                    [one.Name, string.Join(", ", one.Teachers), $"{Number(one.Students)} of {Number(one.Capacity)}", one.Ended is null ? "open" : "over"]),
            ],
            total > RowsDrawn ? $"{RowsDrawn} of {total} are shown." : null));
    }

    private async Task<IResult> WallAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if (refusal is not null)
            return refusal;
        var wall = await walls.LookAsync(id, snapshots.Take(null).Kernels.Values, context.RequestAborted);
        return await DrawAsync(context, "wall", one!.Name, new AdminTable(
            "Students", ["Student", "Name", "State", "Notebook", "Hand"],
            [
                .. wall.OrderByDescending(tile => tile.Hand is not null).ThenBy(tile => tile.Name, StringComparer.OrdinalIgnoreCase).Select(tile => (IReadOnlyList<string>)
                    [tile.User, tile.Name, tile.State, tile.Notebook ?? "", tile.Hand is null ? "" : "raised"]),
            ]), id.ToString(CultureInfo.InvariantCulture));
    }

    private async Task<IResult> UsersAsync(HttpContext context)
    {
        if (!context.GetCaller().Scopes.Has(Scope.ListUsers))
            return await DrawAsync(context, "users", "Users", Refused(Scope.ListUsers));
        IQueryCollection query = context.Request.Query;
        string name = query["name"].ToString();
        Paging paging = Paging.Of(context.Request);
        UserListPage page = await users.ListAsync(context.GetCaller().Scopes, name, "", "", paging.Offset, paging.Limit, context.RequestAborted);
        string here = context.Request.PathBase.ToUriComponent() + Root + "/users?name=" + Uri.EscapeDataString(name) + "&offset=";
        int next = page.Offset + page.Items.Count;
        return await DrawAsync(context, "users", "Users", new AdminTable(
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
            return await DrawAsync(context, "events", "Events", Refused(Scope.ReadAudit));
        IReadOnlyList<AuditRecord> records = await audit.ListAsync(new AuditQuery { NewestFirst = true, Limit = 100 }, context.RequestAborted);
        return await DrawAsync(context, "events", "Events", new AdminTable(
            "The last of the audit", ["When", "What", "Who", "Whom", "Detail"],
            [.. records.Select(record => (IReadOnlyList<string>)[ApiTime.Format(StoredTime.FromStored(record.At)), record.Kind, record.By, record.User, record.Detail])]));
    }

    private Task<IResult> EnvironmentsAsync(HttpContext context) => DrawAsync(context, "environments", "Environments", context.GetCaller().Scopes.Allows(Scope.AdminEnvironments)
        ? new AdminTable(
            "Environments", ["Name", "Display name", "Image", "State", "Groups", "From"],
            [
                .. environments.Take(null).Values.Select(row => (IReadOnlyList<string>)
                    [row.Id, row.DisplayName, row.Image ?? "none", row.Message.Length > 0 ? $"{row.State}: {row.Message}" : row.State, row.Groups.Count == 0 ? "everybody" : string.Join(", ", row.Groups), row.Origin]),
            ])
        : Refused(Scope.AdminEnvironments));

    private Task<IResult> SettingsAsync(HttpContext context) => DrawAsync(context, "settings", "Settings", context.GetCaller().Scopes.Allows(Scope.ReadHub)
        ? new AdminTable("Settings in force", ["Setting", "Value", "Meaning"], [.. settings.List().Select(row => (IReadOnlyList<string>)[row.Key, row.Value, row.Meaning])])
        : Refused(Scope.ReadHub));

    private async Task<IResult> DrawAsync(HttpContext context, string page, string title, AdminTable table, string item = "")
    {
        ScopeSet scopes = context.GetCaller().Scopes;
        int waiting = scopes.Allows(Scope.AdminUsers) ? await signUps.CountAsync(context.RequestAborted) : 0;
        PageFrame frame = context.GetPageFrame();
        return HubPages.Draw<AdminPage>(context, new AdminPageView(
            frame, page, title, table, bundle.Script is { } script ? $"{frame.BasePath}static/admin/{script}" : null, string.Join(' ', scopes.ToStrings()),
            [.. Views(scopes, waiting)], item));
    }

    /// <summary>The views that show the reader something.</summary>
    private static IEnumerable<AdminTab> Views(ScopeSet scopes, int waiting)
    {
        if (scopes.Allows(Scope.ReadHub))
            yield return new AdminTab("overview", "Overview");
        if (scopes.Has(Scope.Classes))
            yield return new AdminTab("classes", "Classes");
        if (scopes.Has(Scope.ReadServers))
        {
            yield return new AdminTab("servers", "Servers");
            yield return new AdminTab("kernels", "Kernels");
        }
        if (scopes.Allows(Scope.AdminEnvironments))
            yield return new AdminTab("environments", "Environments");
        if (scopes.Has(Scope.ListUsers))
            yield return new AdminTab("users", "Users", waiting);
        if (scopes.Allows(Scope.ReadAudit))
            yield return new AdminTab("events", "Events");
        if (scopes.Allows(Scope.ReadHub))
            yield return new AdminTab("settings", "Settings");
    }

    private static AdminTable Refused(string scope) => new($"This needs the scope {scope}, which you do not hold.", [], []);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string MemoryOf(long? memory, long? limit) => (memory, limit) switch
    {
        (null, null) => "unknown",
        (null, { } most) => $"unknown of {Bytes(most)}",
        ({ } taken, null) => Bytes(taken),
        ({ } taken, { } most) => $"{Bytes(taken)} of {Bytes(most)}",
    };

    private static string Bytes(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.#} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB");
}
