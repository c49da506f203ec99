using Hub.Accounts;
using Hub.Classes;
using Microsoft.AspNetCore.SignalR;

namespace Hub.Admin;

/// <summary>
/// The panel's live line. A page says what it looks at and is told from then on (<see cref="IAdminClient"/>); it ends when the token, sign-in or role
/// it came with does. A call answers nothing, or why it is refused.
/// </summary>
internal sealed partial class AdminFeed(AdminWatchers watchers, CallerWatch rights, ClassesStore classes, ILogger<AdminFeed> logger) : Hub<IAdminClient>
{
    private const string CallerKey = "caller";
    private const string RightKey = "right";

    /// <summary>What the navigation shows, for a page that shows nothing else live.</summary>
    [FeedScope(Scope.AdminUi)]
    public void WatchNavigation() => Watch(AdminView.Navigation);

    /// <summary>The figures of the whole hub.</summary>
    [FeedScope(Scope.ReadHub)]
    public void WatchOverview() => Watch(AdminView.Overview);

    /// <summary>The kernels of everybody whose servers the caller may see.</summary>
    [FeedScope(Scope.ReadServers)]
    public void WatchKernels() => Watch(AdminView.Kernels);

    /// <summary>The servers of everybody whose servers the caller may see.</summary>
    [FeedScope(Scope.ReadServers)]
    public void WatchServers() => Watch(AdminView.Servers);

    /// <summary>What kernels can be started in, and how far what they need is from being there.</summary>
    [FeedScope(Scope.AdminEnvironments)]
    public void WatchEnvironments() => Watch(AdminView.Environments);

    /// <summary>One tile for each student of a class the caller manages.</summary>
    [FeedScope(Scope.Classes)]
    public async Task<string?> WatchWall(long classId)
    {
        // Who may not manage the class does not learn whether it exists.
        if (await classes.FindAsync(classId, Context.ConnectionAborted) is not { } one || !ClassPolicy.MayManage(CallerOf(Context).Scopes, one))
            return FormattableString.Invariant($"No such class: {classId}");
        Watch(AdminView.Wall, classId);
        return null;
    }

    public override Task OnConnectedAsync()
    {
        if (!watchers.TryEnter())
        {
            // An exception would be SignalR's error, and no fault is here; the page says that it has no line and tries again.
            LogFull(logger);
            Context.Abort();
            return Task.CompletedTask;
        }
        Caller caller = Context.GetHttpContext()!.GetCaller();
        Context.Items[CallerKey] = caller;
        Context.Items[RightKey] = rights.Watch(caller, Context.Abort);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Items.TryGetValue(RightKey, out object? right))
        {
            (right as IDisposable)?.Dispose();
            watchers.Leave(Context.ConnectionId);
        }
        return Task.CompletedTask;
    }

    internal static Caller CallerOf(HubCallerContext context) => (Caller)context.Items[CallerKey]!;

    private void Watch(AdminView view, long classId = 0) =>
        watchers.Set(new AdminWatcher(Context.ConnectionId, CallerOf(Context).Scopes, view, classId));

    [LoggerMessage(1807, LogLevel.Warning, "A panel was sent away: as many are open as Admin:MaxPanels allows")]
    private static partial void LogFull(ILogger logger);
}
