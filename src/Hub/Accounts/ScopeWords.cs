using System.Collections.Frozen;

namespace Hub.Accounts;

/// <summary>What each scope lets its holder do, in words for people who consent to it.</summary>
public static class ScopeWords
{
    private static readonly FrozenDictionary<string, string> Words = new Dictionary<string, string>
    {
        [Scope.Self] = "Do with what is one's own all that every user may",
        [Scope.Inherit] = "Do everything you may do",
        [Scope.AdminUi] = "See the pages of administrators",
        [Scope.AdminUsers] = "Create, change and delete users",
        ["admin:auth_state"] = "Read what a sign-in provider told of users",
        [Scope.Users] = "Read users and note what they do",
        [Scope.ListUsers] = "List users",
        [Scope.DeleteUsers] = "Delete users",
        [Scope.ReadUsers] = "Read users: names, groups and when they were last active",
        [Scope.ReadUsersName] = "Read names of users",
        [Scope.ReadUsersGroups] = "Read which groups users are in",
        [Scope.ReadUsersActivity] = "Read when users were last active",
        [Scope.UsersActivity] = "Note that users are active",
        ["read:roles"] = "Read who holds which role",
        [Scope.ReadRolesUsers] = "Read the roles of users",
        [Scope.ReadRolesGroups] = "Read the roles of groups",
        [Scope.ReadRolesServices] = "Read the roles of services",
        [Scope.AdminServers] = "Start and stop servers, and read their inner state",
        ["admin:server_state"] = "Read the inner state of servers",
        [Scope.Servers] = "Start and stop servers",
        [Scope.StartServers] = "Start servers",
        [Scope.DeleteServers] = "Stop servers",
        [Scope.ReadServers] = "Read names and state of servers",
        [Scope.AccessServers] = "Use servers: files, notebooks and kernels",
        [Scope.Tokens] = "Make, read and revoke API tokens",
        [Scope.ReadTokens] = "Read which API tokens there are, not the tokens",
        [Scope.AdminGroups] = "Create and delete groups",
        [Scope.Groups] = "Read groups, and put users in and out of them",
        [Scope.ListGroups] = "List groups",
        [Scope.ReadGroups] = "Read groups and who is in them",
        [Scope.ReadGroupsName] = "Read names of groups",
        [Scope.DeleteGroups] = "Delete groups",
        [Scope.AdminServices] = "Read services with all there is about them",
        [Scope.ListServices] = "List services",
        [Scope.ReadServices] = "Read services",
        [Scope.ReadServicesName] = "Read names of services",
        ["access:services"] = "Use services",
        [Scope.Shares] = "Share servers with others",
        [Scope.ReadShares] = "Read with whom servers are shared",
        [Scope.UsersShares] = "Read and leave what was shared with users",
        [Scope.ReadUsersShares] = "Read what was shared with users",
        [Scope.GroupsShares] = "Read and leave what was shared with groups",
        [Scope.ReadGroupsShares] = "Read what was shared with groups",
        [Scope.AdminClasses] = "Make classes, and manage all of them",
        [Scope.Classes] = "Manage classes",
        [Scope.ReadClasses] = "Read classes",
        [Scope.AdminEnvironments] = "See, make and change the environments kernels run in",
        [Scope.ReadHub] = "Read what the hub is",
        [Scope.ReadMetrics] = "Read the hub's metrics",
        [Scope.ReadAudit] = "Read the audit",
        ["proxy"] = "Read and change the proxy's routes",
        [Scope.Shutdown] = "Stop the hub",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A sentence about a scope as it is written, with whom its filter names; the scope itself when it is a custom one.</summary>
    public static string Of(string scope)
    {
        string[] parts = scope.Split('!', 2);
        string words = Words.GetValueOrDefault(parts[0], parts[0]);
        return parts switch
        {
            [_] => words,
            [_, "user"] => words + " (yours)",
            [_, "server"] => words + " (of this server)",
            [_, var filter] => $"{words} ({filter.Replace("=", " ", StringComparison.Ordinal)})",
            _ => words,
        };
    }
}
