using System.Collections.Immutable;
using System.Data.Common;
using Hub.Accounts;
using Hub.Auth;
using Hub.Kernels;
using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.Admin;

/// <summary>
/// What costs more than a look into memory, measured while somebody looks: what kernels take of the machine, every second, and how many people there
/// are, every few seconds. Between two measurements the last one is told.
/// </summary>
internal sealed partial class AdminMeter(
    KernelRegistry kernels, AccountsStore accounts, SignInsStore signIns, TimeProvider time, IOptions<AdminOptions> options, ILogger<AdminMeter> logger)
{
    private IReadOnlyDictionary<string, KernelUsage> _usage = ImmutableDictionary<string, KernelUsage>.Empty;
    private long? _measuredAt;
    private long? _countedAt;
    private TimeSpan _hubTime;

    /// <summary>In bytes and hundredths of a processor, by kernel id; who is missing is unknown.</summary>
    public ImmutableDictionary<string, (long Memory, int? Cpu)> Kernels { get; private set; } = ImmutableDictionary<string, (long, int?)>.Empty;

    public long SignedIn { get; private set; }

    public long Users { get; private set; }

    /// <summary>In hundredths of one processor.</summary>
    public int HubCpu { get; private set; }

    /// <summary>Measures if it is time to; called by the pump alone.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        if (_measuredAt is { } last && time.GetElapsedTime(last) < TimeSpan.FromSeconds(options.Value.MeasureEverySeconds))
            return;
        TimeSpan? passed = _measuredAt is { } before ? time.GetElapsedTime(before) : null;
        _measuredAt = time.GetTimestamp();
        TimeSpan hub = Environment.CpuUsage.TotalTime;
        HubCpu = passed is { } since ? Load(hub - _hubTime, since) : 0;
        _hubTime = hub;
        try
        {
            IReadOnlyDictionary<string, KernelUsage> usage = await kernels.MeasureAsync(cancellationToken);
            Kernels = usage.ToImmutableDictionary(
                one => one.Key,
                // Processes that ended take their time with them: less than before is a new process, not a load.
                one => (one.Value.MemoryBytes, passed is { } between && _usage.TryGetValue(one.Key, out KernelUsage? was) && one.Value.ProcessorTime >= was.ProcessorTime
                    ? Load(one.Value.ProcessorTime - was.ProcessorTime, between)
                    : (int?)null));
            _usage = usage;
            if (_countedAt is not { } counted || time.GetElapsedTime(counted) >= TimeSpan.FromSeconds(options.Value.CountEverySeconds))
            {
                SignedIn = await signIns.CountPeopleAsync(cancellationToken);
                Users = await accounts.CountAsync(cancellationToken);
                _countedAt = time.GetTimestamp();
            }
        }
        catch (SpawnException away)
        {
            LogNotMeasured(logger, away.Message); // the last figures stay; what is away is told by /health/ready
        }
        catch (DbException)
        {
            LogNotMeasured(logger, "the database does not answer");
        }
    }

    private static int Load(TimeSpan worked, TimeSpan passed) => passed <= TimeSpan.Zero ? 0 : (int)Math.Round(worked / passed * 100);

    [LoggerMessage(1800, LogLevel.Warning, "The panel's figures could not be measured: {Problem}")]
    private static partial void LogNotMeasured(ILogger logger, string problem);
}
