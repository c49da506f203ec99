using Hub.Accounts;

namespace Hub.Admin;

/// <summary>One open panel: who looks, at what, and what it was told last. Owned by the pump.</summary>
internal sealed class AdminWatcher(string connectionId, ScopeSet scopes, AdminView view)
{
    public string ConnectionId => connectionId;

    public AdminView View => view;

    /// <summary>What the panel knows; null before the first push.</summary>
    public AdminSnapshot? Told { get; set; }

    /// <summary>The push under way. While it is not done nothing more is queued: the next one tells the latest state, whatever was skipped.</summary>
    public Task Sending { get; set; } = Task.CompletedTask;

    /// <summary>May this panel know about what is <paramref name="user"/>'s?</summary>
    public bool Reaches(string user) => scopes.AllowsServer(Scope.ReadServers, user, "");
}
