using System.Data.Common;
using System.Diagnostics.Metrics;
using Hub.Telemetry;

namespace Hub.Accounts;

/// <summary>How many people there are and how many were here lately, as JupyterHub names it. Looked up when somebody scrapes, at most every few seconds.</summary>
internal sealed class AccountFigures : IFigures
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(5);
    private static readonly (string Period, TimeSpan Length)[] s_periods = [("24h", TimeSpan.FromDays(1)), ("7d", TimeSpan.FromDays(7)), ("30d", TimeSpan.FromDays(30))];

    private readonly AccountsStore _accounts;
    private readonly TimeProvider _time;
    private long? _lookedAt;
    private long _total;
    private long[] _active = [];

    public AccountFigures(AccountsStore accounts, HubMetrics metrics, TimeProvider time)
    {
        _accounts = accounts;
        _time = time;
        metrics.Meter.CreateObservableGauge("jupyterhub.total.users", () => Volatile.Read(ref _total), description: "Users there are.");
        metrics.Meter.CreateObservableGauge(
            "jupyterhub.active.users",
            () => Volatile.Read(ref _active).Select((count, index) => new Measurement<long>(count, new KeyValuePair<string, object?>("period", s_periods[index].Period))),
            description: "Users who did something within the period.");
    }

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (_lookedAt is { } last && _time.GetElapsedTime(last) < s_lookEvery)
            return;
        _lookedAt = _time.GetTimestamp();
        try
        {
            DateTimeOffset now = _time.GetUtcNow();
            Volatile.Write(ref _total, await _accounts.CountAsync(cancellationToken));
            Volatile.Write(ref _active, await _accounts.CountActiveAsync([.. s_periods.Select(period => now - period.Length)], cancellationToken));
        }
        catch (DbException)
        {
            // Figures of a database that is away stay as they were; that it is away is told by /health/ready.
        }
    }
}
