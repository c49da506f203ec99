using System.Collections.Concurrent;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Kernels;

/// <summary>
/// Asks all quiet tabs now and then whether they are still there (RFC 6455 §5.5.2), so that one whose machine vanished is noticed and proxies between
/// keep the connection: one timer for all of them, and many pings in one go, because thousands of tabs at rest shall cost next to nothing.
/// </summary>
/// <remarks>
/// A tab from which nothing came for <c>Http:WebSocketPingSeconds</c> is sent a ping; one that is then silent for as long again is cut off. Its place
/// in the journal is kept, so it misses nothing if it lives after all.
/// </remarks>
internal sealed class TabPulse : IDisposable
{
    private const int BeatsPerPing = 6;
    private const int CutOffAfter = (2 * BeatsPerPing) + 1;

    private readonly ConcurrentDictionary<TabStream, byte> _tabs = new();
    private readonly ITimer _timer;

    public TabPulse(IOptions<HttpOptions> options, TimeProvider time)
    {
        TimeSpan beat = TimeSpan.FromSeconds(options.Value.WebSocketPingSeconds) / BeatsPerPing;
        DeadAfter = beat * (CutOffAfter + 1);
        _timer = time.CreateTimer(static self => ((TabPulse)self!).Beat(), this, beat, beat);
    }

    /// <summary>A connection that is still there after this time has answered a ping that was sent meanwhile.</summary>
    public TimeSpan DeadAfter { get; }

    public void Add(TabStream tab) => _tabs[tab] = 0;

    public void Remove(TabStream tab) => _tabs.TryRemove(tab, out _);

    public void Dispose() => _timer.Dispose();

    private void Beat()
    {
        foreach ((TabStream tab, _) in _tabs)
        {
            int quiet = tab.Beat();
            if (quiet == BeatsPerPing)
                tab.Ping();
            else if (quiet >= CutOffAfter)
                tab.CutOff();
        }
    }
}
