using System.Globalization;
using Hub.Accounts;
using Hub.Auth;
using Hub.Http;
using Web.Pages;

namespace Hub.Sharing;

/// <summary>Sharing for people, with plain forms: who may use my server, a link that lets somebody in, what others share with me, and taking such a link.</summary>
internal sealed class SharePages(AccountsStore accounts, SharesStore store, ShareCodesStore codes, Shares shares, IUserServers servers, TimeProvider time)
{
    /// <summary>The page about it all.</summary>
    public const string Here = "/hub/shares";

    private const string Accept = "/hub/accept-share";
    private const int MostShown = 200;
    private static readonly long[] s_lifetimes = [3600, 86_400, 604_800, 2_592_000];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Here, (SharePages pages, HttpContext context) => pages.ShowAsync(context)).RequireScope(Scope.AccessServers, ScopeFilter.Any);
        routes.MapPost(Here + "/link", (SharePages pages, HttpContext context) => pages.CreateAsync(context)).RequireScope(Scope.Shares, ScopeFilter.Any);
        // Whoever owns a server ends what others may do there, also what was shared by an administrator.
        routes.MapPost(Here + "/{id:long}/revoke", (SharePages pages, HttpContext context, long id) => pages.RevokeAsync(context, id)).RequireScope(Scope.AccessServers, ScopeFilter.Any);
        routes.MapPost(Here + "/links/{id:long}/revoke", (SharePages pages, HttpContext context, long id) => pages.RevokeLinkAsync(context, id)).RequireScope(Scope.AccessServers, ScopeFilter.Any);
        routes.MapPost(Here + "/{id:long}/leave", (SharePages pages, HttpContext context, long id) => pages.LeaveAsync(context, id)).RequireScope(Scope.UsersShares, ScopeFilter.Any);
        routes.MapGet(Accept, (SharePages pages, HttpContext context) => pages.AskAsync(context)).RequireScope(Scope.ReadUsersName, ScopeFilter.Self);
        routes.MapPost(Accept, (SharePages pages, HttpContext context) => pages.AcceptAsync(context)).RequireScope(Scope.ReadUsersName, ScopeFilter.Self);
    }

    /// <summary>What a page shows of the caller's shares.</summary>
    public async Task<SharingPart> PartAsync(Caller caller, CancellationToken cancellationToken)
    {
        (IReadOnlyList<Share> mine, _) = await store.OfOwnerAsync(caller.UserId, null, 0, MostShown, cancellationToken);
        (IReadOnlyList<ShareCode> links, _) = await codes.ListAsync(caller.UserId, null, 0, MostShown, cancellationToken);
        (IReadOnlyList<Share> others, _) = await store.WithUserAsync(caller.UserId, 0, MostShown, cancellationToken);
        return new SharingPart(
            Here,
            caller.Scopes.AllowsServer(Scope.Shares, caller.UserName, ""),
            [.. mine.Select(share => new ShareRow(share.With.Name, share.With.IsGroup, Words(share.ScopeNames), share.Created, Action(share.Number, "revoke"), null) { Server = share.Server })],
            [.. links.Select(link => new ShareLinkRow(link.Id, link.ExpiresAt, link.Exchanges, Action(link.Number, "revoke", "links/")) { Server = link.Server })],
            [.. others.Where(share => share.OwnerId != caller.UserId).Select(share => new ShareRow(
                share.OwnerName, share.With.IsGroup, Words(share.ScopeNames), share.Created, share.With.IsGroup ? null : Action(share.Number, "leave"),
                servers.Of(share.OwnerName, includeStopped: false).TryGetValue(share.Server, out ServerModel? running) && running.Ready ? running.Url : null) { Server = share.Server })],
            time.GetUtcNow())
        {
            Servers = [.. servers.Of(caller.UserName, includeStopped: true).Keys.Where(name => name.Length > 0)],
        };
    }

    private Task<IResult> ShowAsync(HttpContext context) => DrawAsync(context, Said(context.Request.Query));

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        Caller caller = context.GetCaller();
        if (await OwnerAsync(context) is not { } owner)
            return NotByToken();
        IFormCollection form = await context.ReadFormBodyAsync();
        if (!long.TryParse(form["expires_in"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) || !s_lifetimes.Contains(seconds))
            return await DrawAsync(context, error: "Choose how long the link shall be valid.", status: StatusCodes.Status400BadRequest);
        string server = form["server"].ToString();
        if (!servers.Of(owner.Name, includeStopped: true).ContainsKey(server))
            return await DrawAsync(context, error: "You have no such server any more.", status: StatusCodes.Status400BadRequest);
        if (await shares.RefusalAsync(owner, server, ShareScopesPolicy.Default, caller, context.RequestAborted) is { } refusal)
            return await DrawAsync(context, error: refusal, status: StatusCodes.Status403Forbidden);
        return await shares.CreateCodeAsync(owner, server, ShareScopesPolicy.Default, TimeSpan.FromSeconds(seconds), caller.UserName, context.RequestAborted) is var (code, _)
            ? await DrawAsync(context, link: $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{ShareModels.AcceptPath(code)}")
            : await DrawAsync(context, error: "You have as many links as there may be; revoke one first.", status: StatusCodes.Status400BadRequest);
    }

    private async Task<IResult> RevokeAsync(HttpContext context, long id)
    {
        Caller caller = context.GetCaller();
        if (caller.ByToken)
            return NotByToken();
        if (await store.FindAsync(id, context.RequestAborted) is not { } share || share.OwnerId != caller.UserId)
            return await GoneAsync(context);
        await shares.RevokeAsync(share, null, caller.UserName, context.RequestAborted);
        return Back(context, "revoked");
    }

    private async Task<IResult> RevokeLinkAsync(HttpContext context, long id)
    {
        if (await OwnerAsync(context) is not { } owner)
            return NotByToken();
        (IReadOnlyList<ShareCode> links, _) = await codes.ListAsync(owner.Id, null, 0, MostShown, context.RequestAborted);
        return links.FirstOrDefault(link => link.Number == id) is { } link && await shares.RevokeCodesAsync(owner, link.Server, id, null, owner.Name, context.RequestAborted)
            ? Back(context, "link-revoked")
            : await GoneAsync(context);
    }

    private async Task<IResult> LeaveAsync(HttpContext context, long id)
    {
        Caller caller = context.GetCaller();
        if (caller.ByToken)
            return NotByToken();
        if (await store.FindAsync(id, context.RequestAborted) is not { } share || share.With.IsGroup || share.With.Id != caller.UserId)
            return await GoneAsync(context);
        await shares.RevokeAsync(share, null, caller.UserName, context.RequestAborted);
        return Back(context, "left");
    }

    private async Task<IResult> AskAsync(HttpContext context)
    {
        string code = context.Request.Query["code"].ToString();
        if (await codes.FindAsync(code, context.RequestAborted) is not { } known || await accounts.FindAsync(known.OwnerName, context.RequestAborted) is not { } owner)
            return Message(context, StatusCodes.Status404NotFound, "This link is not valid", "It has run out, was revoked, or was not copied whole. Ask for a new one.");
        return owner.Id == context.GetCaller().UserId
            ? OwnLink(context)
            : HubPages.Draw<AcceptSharePage>(context, new AcceptShareView(
                context.GetPageFrame(), Accept, code, LocalUrl.Of(context.Request.Query["next"], ""), owner.DisplayName, owner.Name, Words(known.ScopeNames)));
    }

    private async Task<IResult> AcceptAsync(HttpContext context)
    {
        Caller caller = context.GetCaller();
        if (caller.ByToken)
            return NotByToken();
        IFormCollection form = await context.ReadFormBodyAsync();
        if (await codes.FindAsync(form["code"].ToString(), context.RequestAborted) is not { } known || await accounts.FindAsync(known.OwnerName, context.RequestAborted) is not { } owner)
            return Message(context, StatusCodes.Status400BadRequest, "This link is not valid", "It has run out, was revoked, or was not copied whole. Ask for a new one.");
        if (owner.Id == caller.UserId)
            return OwnLink(context);
        if (await shares.AcceptAsync(known, owner, caller, context.RequestAborted) is null)
            return Message(context, StatusCodes.Status400BadRequest, "This link lets nobody in any more", "It was just revoked, or the server is shared with as many people as it may be.");
        string? running = servers.Of(owner.Name, includeStopped: false).TryGetValue(known.Server, out ServerModel? server) && server.Ready ? server.Url : null;
        context.Response.Headers.Location = LocalUrl.Of(form["next"], running ?? Here + "?accepted");
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private async Task<IResult> DrawAsync(HttpContext context, string? notice = null, string? error = null, string? link = null, int status = StatusCodes.Status200OK) =>
        HubPages.Draw<SharesPage>(context, new SharesView(context.GetPageFrame(), await PartAsync(context.GetCaller(), context.RequestAborted), link, notice, error), status);

    private Task<IResult> GoneAsync(HttpContext context) =>
        DrawAsync(context, error: "There is no such share; it was revoked already or has run out.", status: StatusCodes.Status404NotFound);

    private static IResult OwnLink(HttpContext context) =>
        Message(context, StatusCodes.Status400BadRequest, "This link is your own", "You can't share with yourself: send it to whom you want to let in.");

    private static IResult Message(HttpContext context, int status, string title, string text)
    {
        PageFrame frame = context.GetPageFrame();
        return HubPages.Draw<MessagePage>(context, new MessageView(frame, title, text, [], [], [new PageLink("Go to your home page", frame.Home)], status), status);
    }

    private static IResult Back(HttpContext context, string what)
    {
        context.Response.Headers.Location = $"{Here}?{what}";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static string? Said(IQueryCollection query) =>
        query.ContainsKey("revoked") ? "They have no access any more."
        : query.ContainsKey("link-revoked") ? "The link was revoked; who took it already keeps their access."
        : query.ContainsKey("left") ? "You left it."
        : query.ContainsKey("accepted") ? "It is shared with you now. Its owner has not started it; open it here when it runs."
        : null;

    private static string Action(long number, string what, string before = "") => string.Create(CultureInfo.InvariantCulture, $"{Here}/{before}{number}/{what}");

    private static IReadOnlyList<string> Words(IEnumerable<string> names) => [.. names.Select(ScopeWords.Of)];

    /// <summary>Whoever is signed in at the page; null for tokens: one with few rights must not get its owner more.</summary>
    private async Task<User?> OwnerAsync(HttpContext context) =>
        context.GetCaller() is { ByToken: false } caller ? await accounts.FindAsync(caller.UserName, context.RequestAborted) : null;

    private static IResult NotByToken() => ApiError.Hub(StatusCodes.Status403Forbidden, "This page is for people; with a token use /hub/api/shares and /hub/api/share-codes.");
}
