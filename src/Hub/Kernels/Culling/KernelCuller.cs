using Hub.Classes;
using Hub.Events;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;

namespace Hub.Kernels.Culling;

/// <summary>
/// Looks at all kernels now and then, tells the pages of those that will be stopped, and stops them (<see cref="CullState"/>). A kernel that was
/// stopped keeps its place, dead and with the reason, so that people learn why and restart it with one click.
/// </summary>
internal sealed partial class KernelCuller(
    KernelRegistry kernels, KernelSpecCatalog specs, ClassRules classes, EventStream events, IOptions<CullingOptions> options, TimeProvider time, ILogger<KernelCuller> logger) : BackgroundService
{
    // Stopping one takes up to Kernels:StopGrace; a whole class that went home is not to wait for each other.
    private const int EndedAtOnce = 8;

    private readonly long _began = time.GetTimestamp();
    private long _looks;
    private Dictionary<string, WatchedKernel> _watched = [];
    private IReadOnlyDictionary<string, TimeSpan> _ofClasses = new Dictionary<string, TimeSpan>();

    private CullingOptions Options => options.Value;

    /// <summary>Looks that are over.</summary>
    internal long Looks => Interlocked.Read(ref _looks);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Options.LookEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                LogBroken(broken);
            }

            Interlocked.Increment(ref _looks);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        _ofClasses = await classes.FindIdleTimesAsync(cancellationToken) ?? _ofClasses;
        TimeSpan elapsed = time.GetElapsedTime(_began);
        Dictionary<string, WatchedKernel> next = [];
        List<(LiveKernel Kernel, CullCause Cause, CullingRules Rules)> over = [];
        foreach (LiveKernel kernel in kernels.ListAll())
        {
            // One that starts is at work, and one that is dead holds nothing.
            if (kernel.Phase != KernelPhase.Running || kernel.Life.Spawned is not { } spawned)
            {
                kernel.Ending = null;
                continue;
            }

            WatchedKernel watched = WatchedKernel.See(_watched.GetValueOrDefault(kernel.Id), kernel, spawned, elapsed, time);
            CullingRules rules = CullingRules.For(Options, specs.Find(kernel.SpecName), _ofClasses.TryGetValue(kernel.Owner.UserName, out TimeSpan own) ? own : null);
            (CullState state, IReadOnlyList<CullEffect> effects) = watched.State.Look(watched.UseOf(kernel, elapsed, Options.KeepFor, time), rules);
            next[kernel.Id] = watched with { State = state };
            foreach (CullEffect effect in effects)
            {
                if (effect is CullEffect.End end)
                    over.Add((kernel, end.Cause, rules));
                else
                    await TellAsync(kernel, effect, rules);
            }
        }

        _watched = next;
        await Parallel.ForEachAsync(over, new ParallelOptions { MaxDegreeOfParallelism = EndedAtOnce, CancellationToken = cancellationToken }, async (one, _) => await EndAsync(one.Kernel, one.Cause, one.Rules));
    }

    private async Task TellAsync(LiveKernel kernel, CullEffect effect, CullingRules rules)
    {
        (CullCause cause, DateTimeOffset? at) = effect switch
        {
            CullEffect.Warn warn => (warn.Cause, warn.At),
            CullEffect.Withdraw withdraw => (withdraw.Cause, (DateTimeOffset?)null),
            _ => throw new ArgumentOutOfRangeException(nameof(effect)),
        };
        string message = at is null ? "" : CullingText.Warning(cause, rules);
        TimeSpan keepFor = cause == CullCause.Idle ? Options.KeepFor : TimeSpan.Zero;
        kernel.Ending = at is { } known ? new KernelEnding(cause, known, message, keepFor) : null;
        await events.PublishAsync(new HubEvent.KernelEnding(time.GetUtcNow(), kernel.Owner.UserName, kernel.Id, kernel.SpecName, kernel.Path, CullingText.NameOf(cause), at, message, keepFor)
        {
            ServerName = kernel.Owner.ServerName,
        });
    }

    private async Task EndAsync(LiveKernel kernel, CullCause cause, CullingRules rules)
    {
        kernel.Ending = null;
        try
        {
            if (await kernel.Life.CullAsync(CullingText.NameOf(cause), CullingText.Ended(cause, rules), evenBusy: cause == CullCause.LongestRun))
                LogCulled(kernel.Id, kernel.SpecName, kernel.Owner.UserName, CullingText.NameOf(cause));
        }
        catch (OperationCanceledException)
        {
            // Somebody stopped it in the same moment.
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            LogNotEnded(broken, kernel.Id);
        }
    }

    [LoggerMessage(1260, LogLevel.Information, "Kernel {KernelId} ({SpecName}) of {UserName} was stopped by the hub: {Cause}")]
    private partial void LogCulled(string kernelId, string specName, string userName, string cause);

    [LoggerMessage(1261, LogLevel.Warning, "Kernel {KernelId} should be stopped by the hub and could not be")]
    private partial void LogNotEnded(Exception broken, string kernelId);

    [LoggerMessage(1262, LogLevel.Error, "A look for kernels that nobody uses failed; the next one comes")]
    private partial void LogBroken(Exception broken);
}
