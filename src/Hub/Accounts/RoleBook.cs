using Microsoft.Extensions.Options;

namespace Hub.Accounts;

/// <summary>The roles there are: JupyterHub's default ones and those of the settings.</summary>
public sealed class RoleBook
{
    private readonly RolesOptions _roles;
    private readonly string[] _ofEverybody;
    private readonly bool _namesUsers;

    public RoleBook(IOptions<RolesOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _roles = options.Value;
        ChangesEverybody = _roles.TryGetValue(Role.User, out RoleOptions? changed);
        _ofEverybody = ChangesEverybody ? [.. changed!.Scopes] : Role.UserScopes;
        _namesUsers = _roles.Values.Any(role => role.Users.Count > 0);
        AsksForGroups = _roles.Values.Any(role => role.Groups.Count > 0);
    }

    /// <summary>Does any role depend on who is in which group?</summary>
    public bool AsksForGroups { get; }

    /// <summary>Do the settings say what every user may?</summary>
    public bool ChangesEverybody { get; }

    /// <summary>Names of the roles a user holds by themselves, sorted; those by groups are the groups'.</summary>
    public IReadOnlyList<string> OfUser(string userName, bool admin) =>
        _namesUsers
            ? [.. Role.Of(admin).Concat(Held(role => role.Users.Any(user => UserName.Normalise(user) == userName))).Distinct().Order(StringComparer.Ordinal)]
            : Role.Of(admin);

    public IReadOnlyList<string> OfGroup(string group) => [.. Held(role => role.Groups.Contains(group))];

    public IReadOnlyList<string> OfService(string service) => [.. Held(role => role.Services.Contains(service))];

    /// <summary>Names of all roles of somebody who is in <paramref name="groups"/>.</summary>
    public IReadOnlyList<string> Of(string userName, bool admin, IReadOnlyCollection<string> groups) =>
        [.. OfUser(userName, admin).Concat(groups.SelectMany(OfGroup)).Distinct()];

    /// <summary>The unexpanded scopes of a role; null when there is none of this name.</summary>
    public IReadOnlyList<string>? FindScopes(string role) => role switch
    {
        Role.User => _ofEverybody,
        Role.Admin => Role.AdminScopes,
        Role.Token => [Scope.Inherit],
        Role.Server => Role.ServerScopes,
        _ => _roles.TryGetValue(role, out RoleOptions? known) ? [.. known.Scopes] : null,
    };

    private IEnumerable<string> Held(Func<RoleOptions, bool> by) => _roles.Where(role => by(role.Value)).Select(role => role.Key).Order(StringComparer.Ordinal);
}
