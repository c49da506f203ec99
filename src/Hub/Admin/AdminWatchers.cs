using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Hub.Admin;

/// <summary>All open panels by their connection, and a bell for the pump when one opens or looks at something else.</summary>
internal sealed class AdminWatchers(IOptions<AdminOptions> options) : IDisposable
{
    private readonly ConcurrentDictionary<string, AdminWatcher> _all = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _bell = new(0, 1);
    private int _open;

    public ICollection<AdminWatcher> All => _all.Values;

    public bool IsEmpty => _all.IsEmpty;

    /// <summary>A panel connects; false when as many are open as <c>Admin:MaxPanels</c> allows.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= options.Value.MaxPanels)
            return true;
        Interlocked.Decrement(ref _open);
        return false;
    }

    /// <summary>From now on the panel looks at something.</summary>
    public void Set(AdminWatcher watcher)
    {
        _all[watcher.ConnectionId] = watcher;
        Ring();
    }

    /// <summary>A panel that had entered is closed.</summary>
    public void Leave(string connectionId)
    {
        _all.TryRemove(connectionId, out _);
        Interlocked.Decrement(ref _open);
    }

    /// <summary>Until somebody opened a panel since the last time, or <paramref name="longest"/> is over.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken) => _bell.WaitAsync(longest, cancellationToken);

    public void Dispose() => _bell.Dispose();

    private void Ring()
    {
        try
        {
            _bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It rings already.
        }
    }
}
