using System.Net;
using Hub.Auth;
using Microsoft.Extensions.Options;

namespace Hub.Classes;

/// <summary>
/// Counts wrong join codes per address. Right ones do not count, since a whole class comes from one address in the same minute. Kept in memory: a restart
/// forgets it.
/// </summary>
internal sealed class JoinThrottle(IOptions<ClassesOptions> options, TimeProvider time)
{
    /// <summary>Addresses remembered at most; beyond it those with the fewest wrong codes are forgotten.</summary>
    private const int MostRemembered = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ThrottlePolicy.Level> _levels = new(StringComparer.Ordinal);
    private readonly ThrottlePolicy _policy = new(options.Value.WrongCodesPerAddress, TimeSpan.FromSeconds(options.Value.ThrottleSeconds));

    /// <summary>How long this address has to wait before it may try again; null when it may now.</summary>
    public TimeSpan? Wait(IPAddress? address)
    {
        lock (_gate)
            return _policy.Wait(_levels.GetValueOrDefault(SignInThrottle.Network(address)), time.GetUtcNow());
    }

    /// <summary>This address tried a code that is none.</summary>
    public void CountWrong(IPAddress? address)
    {
        DateTimeOffset now = time.GetUtcNow();
        string network = SignInThrottle.Network(address);
        lock (_gate)
        {
            _levels[network] = _policy.Count(_levels.GetValueOrDefault(network), now);
            if (_levels.Count <= MostRemembered)
                return;
            foreach (string key in _levels.OrderBy(level => _policy.At(level.Value, now).Attempts).Take(MostRemembered / 2).Select(level => level.Key).ToList())
                _levels.Remove(key);
        }
    }
}
