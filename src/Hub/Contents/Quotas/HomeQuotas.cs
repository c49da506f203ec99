using System.Collections.Concurrent;
using Hub.Accounts;
using Microsoft.Extensions.Options;

namespace Hub.Contents.Quotas;

/// <summary>
/// Quotas of the homes that are in use: what each may still hold. <see cref="HomeKeeper"/> keeps the figures right. Of what is said for somebody (<c>Homes:QuotaBytes</c>,
/// their groups, their classes) the largest holds; what the operator says for one user by name holds alone.
/// </summary>
public sealed class HomeQuotas(IOptions<HomesOptions> options, IEnumerable<IHomeQuotaSource> sources, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, HomeEntry> _homes = new(StringComparer.Ordinal);
    private readonly IHomeQuotaSource[] _sources = [.. sources];
    private readonly ConcurrentDictionary<IHomeQuotaSource, IReadOnlyDictionary<string, long>> _said = new();

    /// <summary>Of users that are named by name; the largest where several entries do.</summary>
    private readonly Dictionary<string, long> _own = options.Value.Quotas.Values
        .SelectMany(one => one.Users, (one, user) => (user: UserName.Normalise(user), one.Bytes))
        .GroupBy(one => one.user, StringComparer.Ordinal)
        .ToDictionary(one => one.Key, one => one.Max(entry => entry.Bytes), StringComparer.Ordinal);

    internal IEnumerable<HomeEntry> All => _homes.Values;

    /// <summary>How much a user's home holds; null without a quota, and where it was not measured yet.</summary>
    public HomeUsage? Find(string userName) => FindEntry(userName)?.Allowance.Usage;

    /// <summary>What a user's home may hold, in bytes; null without a quota.</summary>
    public long? LimitOf(string userName)
    {
        if (options.Value.Quota is not { } limit)
            return null;
        if (_own.TryGetValue(userName, out long own))
            return own;
        foreach (IReadOnlyDictionary<string, long> said in _said.Values)
            limit = Math.Max(limit, said.GetValueOrDefault(userName));
        return limit;
    }

    /// <summary>
    /// Why no kernel is started in a home that was found to hold more than <c>Homes:HardLimitPercent</c> of its quota; null when one may be. Also when what was deleted since
    /// was not deleted through the hub: asking makes it look again.
    /// </summary>
    public string? WhyNoKernel(string userName)
    {
        if (FindEntry(userName) is not { IsImage: false } entry || entry.Allowance.Usage is not { } usage || !usage.IsBeyond(options.Value.HardLimitPercent))
            return null;
        entry.Allowance.Doubt();
        return UsageText.NoKernel(usage, options.Value.HardLimitPercent);
    }

    /// <summary>Asks anew who may have more. For who just put somebody into a class; otherwise it is seen within <c>Homes:QuotasEvery</c>.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Quota is null)
            return;
        foreach (IHomeQuotaSource source in _sources)
        {
            if (await source.FindAsync(cancellationToken) is { } said)
                _said[source] = said;
        }
        foreach (HomeEntry entry in _homes.Values)
        {
            if (LimitOf(entry.Home.UserName) is { } limit)
                entry.Allowance.Limit(limit);
        }
    }

    internal HomeEntry? FindEntry(string userName) => _homes.GetValueOrDefault(userName);

    /// <summary>A home was opened; null when there is no quota.</summary>
    internal HomeAllowance? Open(HomeDirectory home, bool isImage)
    {
        if (LimitOf(home.UserName) is not { } quota)
            return null;
        HomeEntry entry = _homes.AddOrUpdate(
            home.UserName,
            _ => Begin(),
            // Another user of an old name, or a directory that became an image, begins anew.
            (_, known) => known.Home == home && known.IsImage == isImage ? known : Begin());
        if (entry.OpenedAt == 0)
            entry.Allowance.Spare?.Refill();
        entry.OpenedAt = time.GetTimestamp();
        if (isImage)
            entry.Allowance.Know(entry.AskSystem());
        return entry.Allowance;

        HomeEntry Begin() => new(home, isImage, new HomeAllowance(quota) { Spare = isImage ? new SpareFiles(home) : null });
    }

    /// <summary>It is looked after no more, until it is opened again.</summary>
    internal void Forget(string userName) => _homes.TryRemove(userName, out _);
}
