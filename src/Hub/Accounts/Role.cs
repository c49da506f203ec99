namespace Hub.Accounts;

/// <summary>JupyterHub's default roles, which follow from being an administrator or not.</summary>
public static class Role
{
    public const string User = "user";
    public const string Admin = "admin";

    private static readonly string[] UserScopes = [Scope.Self];

    private static readonly string[] AdminScopes =
    [
        Scope.AdminUi, Scope.AdminUsers, Scope.AdminServers, "admin:services", Scope.Tokens, "admin:groups", Scope.AdminClasses, "list:services", "read:services",
        Scope.ReadAudit, Scope.ReadHub, "proxy", "shutdown", "access:services", Scope.AccessServers, "read:roles", Scope.ReadMetrics, "shares",
    ];

    public static IReadOnlyList<string> Of(bool admin) => admin ? [Admin, User] : [User];

    /// <summary>The unexpanded scopes somebody holds by their roles.</summary>
    public static IEnumerable<string> ScopesOf(bool admin) => admin ? UserScopes.Concat(AdminScopes) : UserScopes;
}
