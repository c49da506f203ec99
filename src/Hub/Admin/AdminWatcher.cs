using Hub.Accounts;

namespace Hub.Admin;

/// <summary>One open panel: who looks, at what, and what it was told last. Owned by the pump.</summary>
/// <param name="classId">Whose wall, for <see cref="AdminView.Wall"/>; 0 otherwise.</param>
internal sealed class AdminWatcher(string connectionId, ScopeSet scopes, AdminView view, long classId = 0)
{
    public string ConnectionId => connectionId;

    public AdminView View => view;

    public long ClassId => classId;

    /// <summary>The groups by which this panel reaches people.</summary>
    public IReadOnlyCollection<string> Groups { get; } = scopes.GroupsOf(Scope.ReadServers);

    /// <summary>May its reader decide about people who wait for approval?</summary>
    public bool SeesSignUps { get; } = scopes.Allows(Scope.AdminUsers);

    /// <summary>What the panel knows; null before the first push.</summary>
    public AdminSnapshot? Told { get; set; }

    /// <summary>The push under way. While it is not done nothing more is queued: the next one tells the latest state, whatever was skipped.</summary>
    public Task Sending { get; set; } = Task.CompletedTask;

    /// <summary>May this panel know about what is <paramref name="user"/>'s, as of <paramref name="snapshot"/>?</summary>
    /// <param name="server">Of which server of theirs; empty for the default one.</param>
    public bool Reaches(string user, AdminSnapshot snapshot, string server = "") => scopes.AllowsServer(Scope.ReadServers, user, server, snapshot.Memberships.GetValueOrDefault(user));
}
