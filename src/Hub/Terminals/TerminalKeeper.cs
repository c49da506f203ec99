using Hub.Accounts;
using Hub.Kernels;
using Hub.Servers;
using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.Terminals;

/// <summary>
/// Looks after all terminals: takes over what a former run of the hub left before people are let in, ends those nobody uses, removes what is nobody's, tells the
/// servers that somebody is at work, and lets go of all when the hub ends.
/// </summary>
internal sealed partial class TerminalKeeper(
    TerminalRegistry terminals, ISpawner spawner, AccountsStore accounts, ServerRegistry servers, IOptions<TerminalsOptions> options, IOptions<KernelsOptions> kernels,
    TimeProvider time, ILogger<TerminalKeeper> logger) : BackgroundService, IHostedLifecycleService
{
    private const int EndedAtOnce = 8;

    private HashSet<string> _nobodys = [];
    private long _comparedAt;
    private long _looks;

    /// <summary>Looks that are over.</summary>
    internal long Looks => Interlocked.Read(ref _looks);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await AdoptAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Before the server closes: its own close code would tell front ends to stay away.
        terminals.CloseAllTabs();
        for (int waited = 0; waited < 40 && terminals.OpenSockets > 0; waited++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await terminals.LetGoAsync();
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // An engine that is down must not keep people from their files, and its terminals come back with it.
        while (!terminals.IsComplete)
        {
            await Task.Delay(kernels.Value.AdoptRetryAfter, time, stoppingToken);
            await AdoptAsync(stoppingToken);
        }

        using PeriodicTimer timer = new(options.Value.LookEvery, time);
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

    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<SpawnedKernel> running;
        try
        {
            running = await spawner.ListAsync(cancellationToken);
        }
        catch (Exception away) when (away is not OperationCanceledException)
        {
            // Said with the kernels, which are asked for just before.
            return;
        }

        foreach (SpawnedKernel spawned in terminals.Unknown(running))
        {
            KernelOwner? owner = await accounts.FindAsync(spawned.UserName, cancellationToken) is { } user
                ? new KernelOwner(user.Id, user.Name, spawned.Labels.GetValueOrDefault(KernelStarter.ServerLabel, ""))
                : null;
            if (options.Value.Enabled && owner is not null && (owner.Server.IsDefault || servers.Has(owner.Server)))
                await terminals.AdoptAsync(spawned, owner);
            else
                await RemoveAsync(spawned);
        }

        terminals.IsComplete = true;
        _comparedAt = time.GetTimestamp();
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<LiveTerminal> all = terminals.ListAll();
        foreach (LiveTerminal terminal in all.Where(one => one.Unused < options.Value.LookEvery))
            servers.NoteActivity(terminal.Owner.Server, terminal.LastActivity);
        if (options.Value.CullAfter > TimeSpan.Zero)
        {
            await Parallel.ForEachAsync(
                all.Where(one => one.Unused >= options.Value.CullAfter), new ParallelOptions { MaxDegreeOfParallelism = EndedAtOnce, CancellationToken = cancellationToken },
                async (terminal, _) => await terminals.EndAsync(terminal, TerminalEnd.Idle, ""));
        }

        if (time.GetElapsedTime(_comparedAt) >= kernels.Value.ReconcileEvery)
            await CompareAsync(cancellationToken);
    }

    /// <summary>What the spawner has and the hub does not, twice in a row, is nobody's: a hub was killed in the middle of something, or the engine was away.</summary>
    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        _comparedAt = time.GetTimestamp();
        IReadOnlyList<SpawnedKernel> listed;
        try
        {
            listed = await spawner.ListAsync(cancellationToken);
        }
        catch (SpawnException)
        {
            // Said with the kernels.
            _nobodys = [];
            return;
        }

        IReadOnlyList<SpawnedKernel> unknown = terminals.Unknown(listed);
        foreach (SpawnedKernel spawned in unknown.Where(one => _nobodys.Contains(one.Handle)))
            await RemoveAsync(spawned);
        _nobodys = [.. unknown.Select(one => one.Handle)];
    }

    private async Task RemoveAsync(SpawnedKernel spawned)
    {
        LogNobodys(spawned.KernelId, spawned.UserName);
        try
        {
            await spawner.StopAsync(spawned, kernels.Value.StopGrace, CancellationToken.None);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            LogNotRemoved(failed, spawned.KernelId);
        }
    }

    [LoggerMessage(1530, LogLevel.Warning, "Terminal {TerminalId} of {UserName} is there, and belongs to nobody who could use it: it is removed")]
    private partial void LogNobodys(string terminalId, string userName);

    [LoggerMessage(1531, LogLevel.Warning, "Terminal {TerminalId} could not be removed; the next look tries again")]
    private partial void LogNotRemoved(Exception failed, string terminalId);

    [LoggerMessage(1532, LogLevel.Error, "A look for terminals that nobody uses failed; the next one comes")]
    private partial void LogBroken(Exception broken);
}
