using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Hub.Contents.Quotas;

/// <summary>Quotas of the homes that are in use: what each may still hold. <see cref="HomeKeeper"/> keeps the figures right.</summary>
public sealed class HomeQuotas(IOptions<HomesOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, HomeEntry> _homes = new(StringComparer.Ordinal);

    internal IEnumerable<HomeEntry> All => _homes.Values;

    /// <summary>How much a user's home holds; null without a quota, and where it was not measured yet.</summary>
    public HomeUsage? Find(string userName) => FindEntry(userName)?.Allowance.Usage;

    internal HomeEntry? FindEntry(string userName) => _homes.GetValueOrDefault(userName);

    /// <summary>A home was opened; null when there is no quota.</summary>
    internal HomeAllowance? Open(HomeDirectory home, bool isImage)
    {
        if (options.Value.Quota is not { } quota)
            return null;
        HomeEntry entry = _homes.AddOrUpdate(
            home.UserName,
            _ => new HomeEntry(home, isImage, new HomeAllowance(quota)),
            // Another user of an old name, or a directory that became an image, begins anew.
            (_, known) => known.Home == home && known.IsImage == isImage ? known : new HomeEntry(home, isImage, new HomeAllowance(quota)));
        entry.OpenedAt = time.GetTimestamp();
        if (isImage)
            entry.Allowance.Know(entry.AskSystem());
        return entry.Allowance;
    }

    /// <summary>It is looked after no more, until it is opened again.</summary>
    internal void Forget(string userName) => _homes.TryRemove(userName, out _);
}
