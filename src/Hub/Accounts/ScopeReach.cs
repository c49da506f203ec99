using System.Collections.Immutable;
using System.Globalization;

namespace Hub.Accounts;

/// <summary>What one scope is good for: everything, or what its filters name, each spelled <c>kind=value</c>.</summary>
internal sealed record ScopeReach(bool Everything, ImmutableSortedSet<string> Filters)
{
    private const string UserKind = "user=";
    private const string ServerKind = "server=";

    public static ScopeReach Unlimited { get; } = new(true, ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

    public static ScopeReach Of(string filter) => new(false, ImmutableSortedSet.Create(StringComparer.Ordinal, filter));

    /// <summary>The users named by a <c>!user=</c> filter.</summary>
    public IEnumerable<string> Users =>
        Filters.Where(filter => filter.StartsWith(UserKind, StringComparison.Ordinal)).Select(filter => filter[UserKind.Length..]);

    public bool ReachesUser(string user, IReadOnlyCollection<string> groups) =>
        Everything || Filters.Contains(UserKind + user) || groups.Any(group => Filters.Contains("group=" + group));

    public bool ReachesServer(string user, string server, IReadOnlyCollection<string> groups) =>
        ReachesUser(user, groups) || Filters.Contains($"{ServerKind}{user}/{server}");

    public bool ReachesClass(long id, IReadOnlyCollection<string> people) =>
        Everything || people.Any(person => Filters.Contains(UserKind + person)) || Filters.Contains(string.Create(CultureInfo.InvariantCulture, $"class={id}"));

    public ScopeReach Or(ScopeReach other) => Everything || other.Everything ? Unlimited : new ScopeReach(false, Filters.Union(other.Filters));

    /// <summary>What both reach. A group and a user have nothing in common here, since who is in a group is not known to scopes: fails closed.</summary>
    public ScopeReach And(ScopeReach other)
    {
        if (Everything)
            return other;
        return other.Everything ? this : new ScopeReach(false, Filters.Where(other.Covers).Concat(other.Filters.Where(Covers)).ToImmutableSortedSet(StringComparer.Ordinal));
    }

    public bool Covers(ScopeReach other) => Everything || (!other.Everything && other.Filters.All(Covers));

    private bool Covers(string filter) => Everything || Filters.Contains(filter) || IsServerOfUser(filter);

    private bool IsServerOfUser(string filter) =>
        filter.StartsWith(ServerKind, StringComparison.Ordinal) && Filters.Contains(UserKind + filter[ServerKind.Length..filter.IndexOf('/')]);
}
