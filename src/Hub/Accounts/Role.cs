namespace Hub.Accounts;

/// <summary>JupyterHub's default roles: what everybody may do with what is theirs, and what an administrator may.</summary>
public static class Role
{
    public const string User = "user";
    public const string Admin = "admin";

    /// <summary>Of tokens made without scopes.</summary>
    public const string Token = "token";

    /// <summary>Of the token that a user's server gets where it is a program of its own.</summary>
    public const string Server = "server";

    internal static readonly string[] UserScopes = [Scope.Self];

    internal static readonly string[] AdminScopes =
    [
        Scope.AdminUi, Scope.AdminUsers, Scope.AdminServers, Scope.AdminServices, Scope.Tokens, Scope.AdminGroups, Scope.AdminClasses, Scope.AdminEnvironments, Scope.ListServices,
        Scope.ReadServices, Scope.ReadAudit, Scope.ReadHub, "proxy", Scope.Shutdown, "access:services", Scope.AccessServers, "read:roles", Scope.ReadMetrics,
        Scope.Shares,
    ];

    internal static readonly string[] ServerScopes = ["users:activity!user", "access:servers!server"];

    public static IReadOnlyList<string> Of(bool admin) => admin ? [Admin, User] : [User];

    /// <summary>The unexpanded scopes somebody holds by their default roles.</summary>
    public static IEnumerable<string> ScopesOf(bool admin) => admin ? UserScopes.Concat(AdminScopes) : UserScopes;
}
