using System.Collections.Frozen;

namespace Hub.Accounts;

/// <summary>The scopes by name, spelled as JupyterHub does, and what each includes.</summary>
public static class Scope
{
    public const string AccessServers = "access:servers";

    /// <summary>Ours: making classes, and managing all of them.</summary>
    public const string AdminClasses = "admin:classes";

    /// <summary>Ours: seeing and changing the environments kernels run in.</summary>
    public const string AdminEnvironments = "admin:environments";

    public const string AdminGroups = "admin:groups";
    public const string AdminServers = "admin:servers";
    public const string AdminServices = "admin:services";
    public const string AdminUsers = "admin:users";
    public const string AdminUi = "admin-ui";

    /// <summary>Ours: managing classes. With <c>!user</c> those the user teaches, with <c>!class=7</c> one.</summary>
    public const string Classes = "classes";

    public const string DeleteGroups = "delete:groups";
    public const string DeleteServers = "delete:servers";
    public const string DeleteUsers = "delete:users";
    public const string Groups = "groups";
    public const string GroupsShares = "groups:shares";
    public const string ListGroups = "list:groups";
    public const string ListServices = "list:services";
    public const string ListUsers = "list:users";
    /// <summary>Ours: the audit.</summary>
    public const string ReadAudit = "read:audit";

    /// <summary>Ours: seeing classes. With <c>!user</c> those the user is in.</summary>
    public const string ReadClasses = "read:classes";

    public const string ReadGroups = "read:groups";
    public const string ReadGroupsName = "read:groups:name";
    public const string ReadGroupsShares = "read:groups:shares";
    public const string ReadHub = "read:hub";
    public const string ReadMetrics = "read:metrics";
    public const string ReadRolesGroups = "read:roles:groups";
    public const string ReadRolesServices = "read:roles:services";
    public const string ReadRolesUsers = "read:roles:users";
    public const string ReadServices = "read:services";
    public const string ReadServicesName = "read:services:name";
    public const string ReadServers = "read:servers";
    public const string ReadShares = "read:shares";
    public const string ReadTokens = "read:tokens";
    public const string ReadUsers = "read:users";
    public const string ReadUsersActivity = "read:users:activity";
    public const string ReadUsersGroups = "read:users:groups";
    public const string ReadUsersName = "read:users:name";
    public const string ReadUsersShares = "read:users:shares";
    public const string Servers = "servers";
    public const string Shares = "shares";
    public const string Shutdown = "shutdown";
    public const string StartServers = "start:servers";
    public const string Tokens = "tokens";
    public const string Users = "users";
    public const string UsersActivity = "users:activity";
    public const string UsersShares = "users:shares";

    /// <summary>Stands for what every user may do with what is theirs.</summary>
    public const string Self = "self";

    /// <summary>Stands, in a token, for all its owner may do.</summary>
    public const string Inherit = "inherit";

    /// <summary>Scopes with this beginning mean something to others only; they include nothing.</summary>
    public const string CustomPrefix = "custom:";

    private static readonly Dictionary<string, string[]> DirectlyIncluded = new()
    {
        [AdminUsers] = ["admin:auth_state", Users, ReadRolesUsers, DeleteUsers],
        [Users] = [ReadUsers, ListUsers, UsersActivity],
        [ReadUsers] = [ReadUsersName, ReadUsersGroups, ReadUsersActivity],
        [ListUsers] = [ReadUsersName],
        [UsersActivity] = [ReadUsersActivity],
        [AdminServers] = ["admin:server_state", Servers],
        [Servers] = [ReadServers, StartServers, DeleteServers],
        [ReadServers] = [ReadUsersName],
        [Tokens] = [ReadTokens],
        [AdminClasses] = [Classes],
        [Classes] = [ReadClasses],
        [AdminGroups] = [Groups, ReadRolesGroups, DeleteGroups],
        [Groups] = [ReadGroups, ListGroups],
        [ReadGroups] = [ReadGroupsName],
        [ListGroups] = [ReadGroupsName],
        [AdminServices] = [ListServices, ReadServices, ReadRolesServices],
        [ListServices] = [ReadServicesName],
        [ReadServices] = [ReadServicesName],
        [ReadRolesServices] = [ReadServicesName],
        ["read:roles"] = [ReadRolesUsers, ReadRolesServices, ReadRolesGroups],
        [Shares] = [AccessServers, ReadShares, UsersShares, GroupsShares],
        [UsersShares] = [ReadUsersShares],
        [GroupsShares] = [ReadGroupsShares],
    };

    private static readonly string[] IncludingNothing = [AdminUi, AdminEnvironments, ReadAudit, ReadHub, AccessServers, "access:services", "proxy", Shutdown, ReadMetrics];

    private static readonly FrozenDictionary<string, string[]> Included = Close();

    /// <summary>All scopes of the hierarchy, sorted.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. Included.Keys.Order(StringComparer.Ordinal)];

    public static bool IsKnown(string name) => Included.ContainsKey(name) || IsCustom(name);

    /// <summary><paramref name="name"/> and everything it includes, however far down.</summary>
    public static IReadOnlyList<string> Expand(string name) => Included.TryGetValue(name, out string[]? all) ? all : [name];

    private static bool IsCustom(string name) =>
        name.Length > CustomPrefix.Length && name.StartsWith(CustomPrefix, StringComparison.Ordinal)
        && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is ':' or '-' or '_' or '.');

    private static FrozenDictionary<string, string[]> Close()
    {
        IEnumerable<string> names = DirectlyIncluded.Keys.Concat(DirectlyIncluded.Values.SelectMany(included => included)).Concat(IncludingNothing).Distinct();
        return names.ToFrozenDictionary(name => name, name => Below(name).Distinct().ToArray());

        static IEnumerable<string> Below(string name) =>
            DirectlyIncluded.TryGetValue(name, out string[]? included) ? included.SelectMany(Below).Prepend(name) : [name];
    }
}
