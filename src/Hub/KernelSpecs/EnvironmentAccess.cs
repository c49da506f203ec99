using Hub.Accounts;

namespace Hub.KernelSpecs;

/// <summary>
/// Says who may use which environment. What counts is whose server it is, not who asks: a kernel runs with its owner's files. While the database is away
/// nobody is known to be in a group, so what is for certain groups is kept from everybody; everything else goes on.
/// </summary>
public sealed partial class EnvironmentAccess(KernelSpecCatalog catalog, EnvironmentBoard board, AccountsStore accounts, GroupsStore groups, ILogger<EnvironmentAccess> logger)
{
    public async Task<EnvironmentOffer> OfAsync(string userName, CancellationToken cancellationToken)
    {
        IReadOnlyList<KernelSpec> all = catalog.List();
        HashSet<string> broken = [.. all.Where(spec => board.Of(spec.Name).Phase == EnvironmentPhase.Broken).Select(spec => spec.Name)];
        List<KernelSpec> usable = [.. all.Where(spec => !broken.Contains(spec.Name))];
        if (usable.Exists(spec => spec.Groups.Count > 0))
        {
            (bool everything, IReadOnlyList<string> member) = await RightsAsync(userName, cancellationToken);
            usable = [.. usable.Where(spec => everything || spec.Groups.Count == 0 || spec.Groups.Intersect(member, StringComparer.Ordinal).Any())];
        }
        return new EnvironmentOffer(all, usable, broken, catalog.DefaultOf(usable));
    }

    private async Task<(bool Everything, IReadOnlyList<string> Groups)> RightsAsync(string userName, CancellationToken cancellationToken)
    {
        try
        {
            if (await accounts.FindAsync(userName, cancellationToken) is not { } user)
                return (false, []);
            return user.Admin ? (true, []) : (false, await groups.OfUserAsync(user.Id, cancellationToken));
        }
        catch (Exception away) when (away is not OperationCanceledException)
        {
            LogUnknown(away, userName);
            return (false, []);
        }
    }

    [LoggerMessage(803, LogLevel.Warning, "Which groups {User} is in is not known for the moment; environments for certain groups are kept from them until it is")]
    private partial void LogUnknown(Exception failure, string user);
}
