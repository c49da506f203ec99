using System.Net;
using Microsoft.Extensions.Options;

namespace Hub.Auth;

/// <summary>
/// Counts attempts to sign in, per account and per address. An attempt counts from its beginning, so that many at once gain nothing, and is
/// forgiven when it succeeds. Kept in memory: a restart forgets it.
/// </summary>
public sealed class SignInThrottle(IOptions<AuthOptions> options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ThrottlePolicy.Level> _levels = new(StringComparer.Ordinal);
    private readonly ThrottlePolicy _account = new(options.Value.AttemptsPerAccount, TimeSpan.FromSeconds(options.Value.ThrottleSeconds));
    private readonly ThrottlePolicy _address = new(options.Value.AttemptsPerAddress, TimeSpan.FromSeconds(options.Value.ThrottleSeconds));

    /// <summary>Accounts and addresses remembered now.</summary>
    public int Remembered
    {
        get
        {
            lock (_gate)
                return _levels.Count;
        }
    }

    /// <summary>Counts an attempt; how long to wait when it must not be made.</summary>
    public TimeSpan? Begin(string account, IPAddress? address)
    {
        DateTimeOffset now = time.GetUtcNow();
        (string accountKey, string addressKey) = Keys(account, address);
        lock (_gate)
        {
            TimeSpan? wait = Longer(_account.Wait(LevelOf(accountKey), now), _address.Wait(LevelOf(addressKey), now));
            if (wait is not null)
                return wait;
            _levels[accountKey] = _account.Count(LevelOf(accountKey), now);
            _levels[addressKey] = _address.Count(LevelOf(addressKey), now);
            if (_levels.Count > options.Value.MaxThrottled)
                Forget(now);
            return null;
        }
    }

    /// <summary>The attempt was no failure and counts no longer.</summary>
    public void Forgive(string account, IPAddress? address)
    {
        DateTimeOffset now = time.GetUtcNow();
        (string accountKey, string addressKey) = Keys(account, address);
        lock (_gate)
        {
            if (_levels.TryGetValue(accountKey, out ThrottlePolicy.Level ofAccount))
                _levels[accountKey] = _account.Forgive(ofAccount, now);
            if (_levels.TryGetValue(addressKey, out ThrottlePolicy.Level ofAddress))
                _levels[addressKey] = _address.Forgive(ofAddress, now);
        }
    }

    /// <summary>Drops the half with the fewest attempts, so that this happens seldom and those who try most stay known.</summary>
    private void Forget(DateTimeOffset now)
    {
        foreach (string key in _levels.OrderBy(level => PolicyOf(level.Key).At(level.Value, now).Attempts).Take((_levels.Count / 2) + 1).Select(level => level.Key).ToList())
            _levels.Remove(key);
    }

    private ThrottlePolicy.Level LevelOf(string key) => _levels.GetValueOrDefault(key);

    private ThrottlePolicy PolicyOf(string key) => key.StartsWith("account ", StringComparison.Ordinal) ? _account : _address;

    private static TimeSpan? Longer(TimeSpan? one, TimeSpan? other) => one is null || other > one ? other : one;

    private static (string Account, string Address) Keys(string account, IPAddress? address) => ("account " + account, "address " + Network(address));

    /// <summary>Who has one IPv6 address has the 2^64 around it.</summary>
    internal static string Network(IPAddress? address)
    {
        if (address is null)
            return "none";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        byte[] bytes = address.GetAddressBytes();
        return Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(bytes.Length, 8)));
    }
}
