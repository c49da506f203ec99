using System.Collections.Immutable;
using System.Globalization;

namespace Hub.Accounts;

/// <summary>What one scope is good for: everything, or what its filters name, each spelled <c>kind=value</c>.</summary>
internal sealed record ScopeReach(bool Everything, ImmutableSortedSet<string> Filters)
{
    private const string UserKind = "user=";
    private const string ServerKind = "server=";
    private const string GroupKind = "group=";
    private const string ServiceKind = "service=";

    public static ScopeReach Unlimited { get; } = new(true, ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

    public static ScopeReach Of(string filter) => new(false, ImmutableSortedSet.Create(StringComparer.Ordinal, filter));

    /// <summary>The users named by a <c>!user=</c> filter.</summary>
    public IEnumerable<string> Users => Named(UserKind);

    /// <summary>The groups named by a <c>!group=</c> filter.</summary>
    public IEnumerable<string> Groups => Named(GroupKind);

    /// <summary>The services named by a <c>!service=</c> filter.</summary>
    public IEnumerable<string> Services => Named(ServiceKind);

    /// <summary>The users whose servers a <c>!server=</c> filter names.</summary>
    public IEnumerable<string> ServerOwners => Named(ServerKind).Select(server => server[..server.IndexOf('/')]);

    /// <summary>The user a <c>!user=</c> or <c>!server=</c> filter is about; null for other filters.</summary>
    public static string? UserOf(string filter) =>
        filter.StartsWith(UserKind, StringComparison.Ordinal) ? filter[UserKind.Length..]
        : filter.StartsWith(ServerKind, StringComparison.Ordinal) ? filter[ServerKind.Length..filter.IndexOf('/')]
        : null;

    public bool ReachesUser(string user, IReadOnlyCollection<string> groups) => Everything || Filters.Contains(UserKind + user) || groups.Any(ReachesGroup);

    public bool ReachesServer(string user, string server, IReadOnlyCollection<string> groups) =>
        ReachesUser(user, groups) || Filters.Contains($"{ServerKind}{user}/{server}");

    public bool ReachesClass(long id, IReadOnlyCollection<string> people) =>
        Everything || people.Any(person => Filters.Contains(UserKind + person)) || Filters.Contains(string.Create(CultureInfo.InvariantCulture, $"class={id}"));

    public bool ReachesGroup(string group) => Everything || Filters.Contains(GroupKind + group);

    public bool ReachesService(string service) => Everything || Filters.Contains(ServiceKind + service);

    public ScopeReach Or(ScopeReach other) => Everything || other.Everything ? Unlimited : new ScopeReach(false, Filters.Union(other.Filters));

    /// <summary>
    /// What both reach. A group and a user have in common the user, if <paramref name="memberships"/> say that the user is in the group; two groups have
    /// nothing in common, whoever may be in both: fails closed.
    /// </summary>
    public ScopeReach And(ScopeReach other, IReadOnlyDictionary<string, IReadOnlyList<string>>? memberships)
    {
        if (Everything)
            return other;
        return other.Everything
            ? this
            : new ScopeReach(
                false,
                Filters.Where(filter => other.Covers(filter, memberships)).Concat(other.Filters.Where(filter => Covers(filter, memberships)))
                    .ToImmutableSortedSet(StringComparer.Ordinal));
    }

    public bool Covers(ScopeReach other, IReadOnlyDictionary<string, IReadOnlyList<string>>? memberships) =>
        Everything || (!other.Everything && other.Filters.All(filter => Covers(filter, memberships)));

    private bool Covers(string filter, IReadOnlyDictionary<string, IReadOnlyList<string>>? memberships) =>
        Everything || Filters.Contains(filter)
        || (UserOf(filter) is { } user
            && (Filters.Contains(UserKind + user) || (memberships?.TryGetValue(user, out IReadOnlyList<string>? groups) == true && groups.Any(ReachesGroup))));

    private IEnumerable<string> Named(string kind) => Filters.Where(filter => filter.StartsWith(kind, StringComparison.Ordinal)).Select(filter => filter[kind.Length..]);
}
