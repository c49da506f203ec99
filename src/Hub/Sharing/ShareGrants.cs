using System.Collections.Concurrent;
using Hub.Accounts;
using Microsoft.Extensions.Options;

namespace Hub.Sharing;

/// <summary>
/// The scopes that people hold by shares, asked for at every request. It remembers with whom anything was ever shared, so that whoever nothing is shared
/// with, nearly everybody, costs no query; those who are remembered are looked up anew each time, and a share that ends is gone at once.
/// </summary>
internal sealed class ShareGrants(SharesStore store, IOptions<SharingOptions> options) : IScopeSource, IHostedService
{
    private static readonly string[] s_ofEverybody = [Scope.Shares + "!user"];

    private readonly ConcurrentDictionary<long, bool> _holders = new();
    private volatile bool _groups;

    public bool DependsOnGroups => _groups;

    /// <summary>Says, before it is written down, that something will be shared: a holder too many does no harm, one too few would be locked out.</summary>
    public void Expect(ShareTarget with)
    {
        if (with.IsGroup)
            _groups = true;
        else
            _holders[with.Id] = true;
    }

    public async Task<IReadOnlyList<string>> ScopesOfAsync(long userId, string userName, CancellationToken cancellationToken)
    {
        string[] own = options.Value.ByUsers ? s_ofEverybody : [];
        if (!_groups && !_holders.ContainsKey(userId))
            return own;
        return [.. own, .. await store.ScopesOfAsync(userId, cancellationToken)];
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        (IReadOnlyList<long> users, bool groups) = await store.HoldersAsync(cancellationToken);
        foreach (long user in users)
            _holders[user] = true;
        _groups |= groups;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
