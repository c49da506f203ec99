using Hub.Accounts;
using Microsoft.AspNetCore.SignalR;

namespace Hub.Admin;

/// <summary>
/// The panel's live line. A page says what it looks at and is told from then on (<see cref="IAdminClient"/>); it ends when the token, sign-in or role
/// it came with does.
/// </summary>
internal sealed class AdminFeed(AdminWatchers watchers, CallerWatch rights) : Hub<IAdminClient>
{
    private const string CallerKey = "caller";
    private const string RightKey = "right";

    /// <summary>The figures of the whole hub.</summary>
    [FeedScope(Scope.ReadHub)]
    public void WatchOverview() => Watch(AdminView.Overview);

    /// <summary>The kernels of everybody whose servers the caller may see.</summary>
    [FeedScope(Scope.ReadServers)]
    public void WatchKernels() => Watch(AdminView.Kernels);

    public override Task OnConnectedAsync()
    {
        if (!watchers.TryEnter())
            throw new HubException("As many panels are open as Admin:MaxPanels allows.");
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

    private void Watch(AdminView view) => watchers.Set(new AdminWatcher(Context.ConnectionId, CallerOf(Context).Scopes, view));
}
