namespace Hub.Accounts;

/// <summary>Scopes somebody holds, with JupyterHub's filters; decides, knows nothing of requests.</summary>
public sealed class ScopeSet
{
    /// <summary>May the holder use <paramref name="scope"/> for the server <paramref name="user"/>/<paramref name="server"/>?</summary>
    public bool AllowsServer(string scope, string user, string server) => throw new NotImplementedException();

    /// <summary>May the holder use <paramref name="scope"/> on <paramref name="user"/>?</summary>
    public bool AllowsUser(string scope, string user) => throw new NotImplementedException();

    /// <summary>Does the holder have <paramref name="scope"/> without any filter?</summary>
    public bool Allows(string scope) => throw new NotImplementedException();
}
