using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Hub.Accounts;

/// <summary>Scopes somebody holds, with JupyterHub's filters; decides, knows nothing of requests.</summary>
/// <remarks>Kept expanded: whoever holds <c>users</c> is asked for <c>read:users</c> without looking at the hierarchy again.</remarks>
public sealed class ScopeSet
{
    private static readonly string[] Identifying = [Scope.ReadUsersName, Scope.ReadUsersGroups];

    private static readonly string[] OwnThings =
        [Scope.ReadUsers, Scope.UsersShares, Scope.ReadShares, Scope.UsersActivity, Scope.Servers, Scope.Tokens, Scope.AccessServers, Scope.Classes];

    /// <summary>Its roles reach everything a user has, so every administrator holds the same set.</summary>
    private static readonly ScopeSet OfAdmins = Build(Role.ScopesOf(admin: true).Where(scope => scope != Scope.Self), new ScopeOwner(""));

    // Not a frozen one: a set lives as long as a request or a socket, and to freeze it costs more than all that is ever asked of it.
    private readonly Dictionary<string, ScopeReach> _reaches;

    private IReadOnlyList<string>? _strings;

    private ScopeSet(IReadOnlyDictionary<string, ScopeReach> reaches) =>
        _reaches = new(reaches.Where(scope => scope.Value.Everything || scope.Value.Filters.Count > 0), StringComparer.Ordinal);

    public static ScopeSet Empty { get; } = new(new Dictionary<string, ScopeReach>());

    /// <summary>What a user may do by their roles.</summary>
    public static ScopeSet OfUser(string userName, bool admin) => admin ? OfAdmins : Build(Role.ScopesOf(admin: false), new ScopeOwner(userName));

    /// <summary>What these scopes allow; what is no scope counts for nothing.</summary>
    public static ScopeSet Of(IEnumerable<string> scopes, ScopeOwner owner) => Build(scopes.Where(scope => Check(scope) is null), owner);

    /// <summary>The users that filters of these scopes name.</summary>
    public static IReadOnlyCollection<string> UsersIn(IEnumerable<string> scopes) =>
        [.. scopes.Where(scope => Check(scope) is null).Select(scope => Split(scope).Filter).OfType<string>().Where(filter => filter.Contains('=')).Select(ScopeReach.UserOf).OfType<string>().Distinct()];

    /// <summary>
    /// What a token may do now: its scopes, as far as its owner holds them at this moment, and always to learn whose it is.
    /// Scopes this program no longer knows count for nothing.
    /// </summary>
    /// <param name="memberships">The groups of the users the scopes name, where the owner reaches people by their groups.</param>
    public static ScopeSet OfToken(
        IEnumerable<string> tokenScopes, ScopeSet ofOwner, ScopeOwner owner, IReadOnlyDictionary<string, IReadOnlyList<string>>? memberships = null)
    {
        var usable = tokenScopes.ToList();
        ScopeSet granted = usable.Remove(Scope.Inherit) ? ofOwner : Build(usable.Where(scope => Check(scope) is null), owner).Intersect(ofOwner, memberships);
        // Mostly nothing is added, and then every request and socket of an administrator's token shares one set.
        return Identifying.All(scope => granted.AllowsUser(scope, owner.UserName)) ? granted : granted.Or(Build(Identifying.Select(scope => scope + "!user"), owner));
    }

    /// <summary>Reads scopes as people write them; false with the reason when one is not a scope.</summary>
    public static bool TryParse(
        IEnumerable<string> scopes, ScopeOwner owner, [NotNullWhen(true)] out ScopeSet? parsed, [NotNullWhen(false)] out string? error)
    {
        var written = scopes.ToList();
        error = written.Select(Check).FirstOrDefault(problem => problem is not null);
        parsed = error is null ? Build(written, owner) : null;
        return error is null;
    }

    /// <summary>Does the holder have <paramref name="scope"/> without any filter?</summary>
    public bool Allows(string scope) => _reaches.TryGetValue(scope, out ScopeReach? reach) && reach.Everything;

    /// <summary>May the holder use <paramref name="scope"/> on <paramref name="user"/>, who is in <paramref name="groups"/>?</summary>
    public bool AllowsUser(string scope, string user, IReadOnlyCollection<string>? groups = null) =>
        _reaches.TryGetValue(scope, out ScopeReach? reach) && reach.ReachesUser(user, groups ?? []);

    /// <summary>May the holder use <paramref name="scope"/> for the server <paramref name="user"/>/<paramref name="server"/>? The default server is <c>""</c>.</summary>
    public bool AllowsServer(string scope, string user, string server, IReadOnlyCollection<string>? groups = null) =>
        _reaches.TryGetValue(scope, out ScopeReach? reach) && reach.ReachesServer(user, server, groups ?? []);

    /// <summary>May the holder use <paramref name="scope"/> on the class <paramref name="classId"/>, to which <paramref name="people"/> stand as the scope asks?</summary>
    public bool AllowsClass(string scope, long classId, IReadOnlyCollection<string> people) =>
        _reaches.TryGetValue(scope, out ScopeReach? reach) && reach.ReachesClass(classId, people);

    /// <summary>May the holder use <paramref name="scope"/> on <paramref name="group"/> itself?</summary>
    public bool AllowsGroup(string scope, string group) => _reaches.TryGetValue(scope, out ScopeReach? reach) && reach.ReachesGroup(group);

    public bool AllowsService(string scope, string service) => _reaches.TryGetValue(scope, out ScopeReach? reach) && reach.ReachesService(service);

    /// <summary>Does any scope of the holder reach people by their groups?</summary>
    public bool ReachesGroups => _reaches.Values.Any(reach => reach.Groups.Any());

    /// <summary>Does any scope of the holder reach the members of <paramref name="group"/> by name of the group?</summary>
    public bool NamesGroup(string group) => _reaches.Values.Any(reach => reach.Groups.Contains(group));

    /// <summary>Does any scope of the holder reach a server of <paramref name="user"/> by name of the server, as a share does?</summary>
    public bool NamesServersOf(string user) => _reaches.Values.Any(reach => reach.ServerOwners.Contains(user));

    /// <summary>Does the holder have <paramref name="scope"/> for anything at all?</summary>
    public bool Has(string scope) => _reaches.ContainsKey(scope);

    /// <summary>The users named by the filters of <paramref name="scope"/>; null when it reaches everybody.</summary>
    public IReadOnlyCollection<string>? UsersOf(string scope)
    {
        if (!_reaches.TryGetValue(scope, out ScopeReach? reach))
            return [];
        return reach.Everything ? null : [.. reach.Users];
    }

    /// <summary>The groups named by the filters of <paramref name="scope"/>.</summary>
    public IReadOnlyCollection<string> GroupsOf(string scope) => _reaches.TryGetValue(scope, out ScopeReach? reach) ? [.. reach.Groups] : [];

    /// <summary>Does this set allow everything <paramref name="other"/> does?</summary>
    public bool Covers(ScopeSet other, IReadOnlyDictionary<string, IReadOnlyList<string>>? memberships = null) =>
        other._reaches.All(scope => _reaches.TryGetValue(scope.Key, out ScopeReach? reach) && reach.Covers(scope.Value, memberships));

    /// <summary>What <paramref name="other"/> allows and this set does not, as far as a person needs it to understand a refusal.</summary>
    public IReadOnlyList<string> Missing(ScopeSet other) => [.. other.ToStrings().Except(ToStrings())];

    /// <summary>What both sets allow.</summary>
    /// <param name="memberships">Groups by user, where it may be known that a user of one set is in a group of the other.</param>
    public ScopeSet Intersect(ScopeSet other, IReadOnlyDictionary<string, IReadOnlyList<string>>? memberships = null) =>
        new(_reaches.Where(scope => other._reaches.ContainsKey(scope.Key))
            .ToDictionary(scope => scope.Key, scope => scope.Value.And(other._reaches[scope.Key], memberships)));

    /// <summary>Expanded and sorted, as the APIs show them: <c>servers!user=ada</c>.</summary>
    public IReadOnlyList<string> ToStrings() => _strings ??=
    [
        .. _reaches.SelectMany(scope => scope.Value.Everything ? [scope.Key] : scope.Value.Filters.Select(filter => $"{scope.Key}!{filter}"))
            .Order(StringComparer.Ordinal),
    ];

    private ScopeSet Or(ScopeSet other)
    {
        var sum = new Dictionary<string, ScopeReach>(_reaches);
        foreach ((string name, ScopeReach reach) in other._reaches)
            sum[name] = sum.TryGetValue(name, out ScopeReach? known) ? known.Or(reach) : reach;
        return new ScopeSet(sum);
    }

    private static ScopeSet Build(IEnumerable<string> scopes, ScopeOwner owner)
    {
        var reaches = new Dictionary<string, ScopeReach>();
        foreach (string written in scopes.SelectMany(scope => scope == Scope.Self ? OwnThings.Select(own => own + "!user") : [scope]))
        {
            (string name, string? filter) = Split(written);
            if (ReachOf(filter, owner) is not { } reach)
                continue;
            foreach (string included in Scope.Expand(name))
                reaches[included] = reaches.TryGetValue(included, out ScopeReach? known) ? known.Or(reach) : reach;
        }
        return new ScopeSet(reaches);
    }

    private static ScopeReach? ReachOf(string? filter, ScopeOwner owner) => filter switch
    {
        null => ScopeReach.Unlimited,
        "user" => owner.UserName.Length > 0 ? ScopeReach.Of("user=" + owner.UserName) : null,
        "server" => owner.ServerName is { } server ? ScopeReach.Of($"server={owner.UserName}/{server}") : null,
        _ => ScopeReach.Of(filter),
    };

    /// <summary>Why <paramref name="written"/> is no scope; null when it is one.</summary>
    internal static string? Check(string written)
    {
        (string name, string? filter) = Split(written);
        if (name is Scope.Self or Scope.Inherit)
            return filter is null ? null : $"Scope {name} takes no filter: {written}";
        if (!Scope.IsKnown(name))
            return $"No such scope: {name}";
        return filter is null || IsFilter(filter) ? null : $"Not a scope filter: !{filter} (known: !user=, !server=user/server, !group=, !class=7, !service=)";
    }

    private static bool IsFilter(string filter)
    {
        if (filter.Any(char.IsControl))
            return false;
        int equals = filter.IndexOf('=');
        if (equals < 0)
            return filter is "user" or "server";
        string value = filter[(equals + 1)..];
        return filter[..equals] switch
        {
            "user" or "group" or "service" => value.Length > 0,
            "class" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
            "server" => value.IndexOf('/') > 0,
            _ => false,
        };
    }

    private static (string Name, string? Filter) Split(string written)
    {
        int mark = written.IndexOf('!');
        return mark < 0 ? (written, null) : (written[..mark], written[(mark + 1)..]);
    }
}
