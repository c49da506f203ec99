using Hub.Classes;
using Hub.Events;
using Hub.Kernels.Starting;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;
using Spawner;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// What happens to one kernel from its first start to its end, one thing at a time: start, restart, interrupt, stop, and noticing that its
/// process is no more. The truth about life is the spawner's; a missed heartbeat is only a hint (kernel-wire §9).
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "Neither has a timer or wait handle, and both are asked after the end.")]
internal sealed partial class KernelLife
{
    private readonly StartQueue _starts;
    private readonly KernelStarter _starter;
    private readonly ISpawner _spawner;
    private readonly KernelSpecCatalog _specs;
    private readonly EventStream _events;
    private readonly KernelsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CancellationTokenSource _over = new();
    private readonly string _directory;
    private SpawnedKernel? _spawned;
    private CancellationTokenSource? _watching;
    private TaskCompletionSource<KernelExit>? _gone;
    private Task _watch = Task.CompletedTask;
    private int _interrupting;

    /// <param name="directory">Where it starts, relative to the home.</param>
    public KernelLife(LiveKernel kernel, string directory, StartQueue starts, KernelStarter starter, ISpawner spawner, KernelSpecCatalog specs, EventStream events, IOptions<KernelsOptions> options, TimeProvider time, ILogger<KernelLife> logger)
    {
        (Kernel, _directory, _starts, _starter, _spawner, _specs) = (kernel, directory, starts, starter, spawner, specs);
        (_events, _options, _time, _logger) = (events, options.Value, time, logger);
        kernel.Life = this;
    }

    public LiveKernel Kernel { get; }

    /// <summary>The present process as the spawner knows it; null before the first start.</summary>
    public SpawnedKernel? Spawned => _spawned;

    /// <summary>It is being stopped or was: nothing more may be asked of it.</summary>
    public bool IsOver => _over.IsCancellationRequested;

    /// <summary>It is just being started, taken over, restarted or stopped, or waits for that.</summary>
    public bool IsChanging => _one.CurrentCount == 0 || IsOver;

    /// <summary>First start.</summary>
    /// <param name="running">The owner's class that runs, whose limits hold; null when there is none.</param>
    /// <exception cref="KernelStartException">It failed; the kernel is dead and says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped meanwhile.</exception>
    public Task StartAsync(Class? running) => AloneAsync(() => LaunchAsync(running));

    /// <summary>Takes over a kernel a former process of the hub started.</summary>
    public Task AdoptAsync(SpawnedKernel spawned) => AloneAsync(async () =>
    {
        _spawned = spawned;
        await _starter.AdoptAsync(Kernel, spawned, _over.Token);
        Watch(spawned);
        LogAdopted(_logger, Kernel.Id, Kernel.SpecName, Kernel.Owner.UserName);
    });

    /// <summary>A new process under the same id; works for a dead kernel too. Returns when the new one answered.</summary>
    /// <param name="running">The owner's class that runs, whose limits hold; null when there is none.</param>
    /// <exception cref="KernelStartException">It failed; the kernel is dead and says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped meanwhile.</exception>
    public Task RestartAsync(Class? running) => AloneAsync(async () =>
    {
        await Kernel.RestartingAsync(_over.Token);
        await EndAsync(restart: true);
        await LaunchAsync(running);
        LogRestarted(_logger, Kernel.Id, Kernel.SpecName, Kernel.Owner.UserName);
    });

    /// <summary>Stops what runs now: by message where the kernelspec says so, and by signal when that is not answered; else by signal at once.</summary>
    public async Task InterruptAsync(CancellationToken cancellationToken)
    {
        if (_spawned is not { } spawned)
            return;
        if (spawned.InterruptMode == InterruptMode.Message
            && await Kernel.RequestAsync(KernelChannel.Control, MessageTypes.InterruptRequest, new { }, _options.InterruptTimeout, cancellationToken) is not null)
            return;
        await _spawner.InterruptAsync(spawned, cancellationToken);
    }

    /// <summary>Interrupts in the background, once at a time: asked for by the kernel's loop, which must not wait.</summary>
    public void InterruptSoon()
    {
        if (Interlocked.Exchange(ref _interrupting, 1) != 0)
            return;
        _ = Task.Run(async () =>
        {
            try
            {
                await InterruptAsync(_over.Token);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogInterruptFailed(_logger, e, Kernel.Id);
            }
            finally
            {
                Volatile.Write(ref _interrupting, 0);
            }
        });
    }

    /// <summary>Its process is gone, though the spawner did not say so; nothing happens when it has another by now.</summary>
    public void TellGone(string handle)
    {
        if (_spawned?.Handle == handle)
            _gone?.TrySetResult(new KernelExit(KernelExitCause.Removed, null, null, ""));
    }

    /// <summary>The hub stops the process, politely first; the kernel stays, dead, and says why.</summary>
    /// <param name="cause">One word for programs.</param>
    /// <param name="message">For people.</param>
    /// <param name="evenBusy">False: a cell that began meanwhile saves it.</param>
    /// <returns>False when it is as it was.</returns>
    /// <exception cref="OperationCanceledException">It was stopped meanwhile.</exception>
    public async Task<bool> CullAsync(string cause, string message, bool evenBusy)
    {
        bool done = false;
        await AloneAsync(async () =>
        {
            string state = Kernel.ExecutionState;
            if (_spawned is null || Kernel.Phase != KernelPhase.Running || !await Kernel.RetireAsync(message, evenBusy))
                return;
            done = true;
            await _events.PublishAsync(new HubEvent.KernelDied(_time.GetUtcNow(), Kernel.Owner.UserName, Kernel.Id, Kernel.SpecName, Kernel.Path, cause, message) { ServerName = Kernel.Owner.ServerName });
            await EndAsync(restart: false, state);
        });
        return done;
    }

    /// <summary>Ends it for good: politely, then by SIGTERM, then by SIGKILL; idempotent. A start under way is given up.</summary>
    public async Task StopAsync()
    {
        bool first = !_over.IsCancellationRequested;
        await _over.CancelAsync();
        await _one.WaitAsync(CancellationToken.None);
        try
        {
            await EndAsync(restart: false);
            await Kernel.DisposeAsync();
        }
        finally
        {
            _one.Release();
        }

        if (first)
        {
            LogStopped(_logger, Kernel.Id, Kernel.SpecName, Kernel.Owner.UserName);
            await _events.PublishAsync(new HubEvent.KernelStopped(_time.GetUtcNow(), Kernel.Owner.UserName, Kernel.Id, Kernel.SpecName, Kernel.Path) { ServerName = Kernel.Owner.ServerName });
        }
    }

    /// <summary>The hub ends and the kernel does not: lets go of its sockets so that the next hub finds them free.</summary>
    public async Task ReleaseAsync()
    {
        await _over.CancelAsync();
        await _one.WaitAsync(CancellationToken.None);
        try
        {
            await StopWatchingAsync();
            await Kernel.ReleaseAsync();
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task AloneAsync(Func<Task> act)
    {
        await _one.WaitAsync(_over.Token);
        try
        {
            await act();
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task LaunchAsync(Class? running)
    {
        try
        {
            // Looked up anew at each launch: what an operator changed counts from the next restart.
            KernelSpec spec = _specs.Find(Kernel.SpecName) ?? throw new KernelStartException("unknown_kernelspec",
                $"There is no kernel called '{Kernel.SpecName}' any more. Choose another kernel.", "the kernelspec is gone");
            if (running is not null)
                spec = spec with { Limits = running.Limits.Lower(spec.Limits) };
            StartReport report = new(this);
            using (StartTurn turn = await _starts.EnterAsync(Kernel.Owner.UserName, place => report.Report(new SpawnProgress(0, StartWords.Of(place))), _over.Token))
            {
                long began = _time.GetTimestamp();
                _spawned = await _starter.StartAsync(Kernel, spec, _directory, report, _over.Token);
                turn.Succeeded(_time.GetElapsedTime(began));
            }

            Watch(_spawned);
            LogReady(_logger, Kernel.Id, Kernel.SpecName, Kernel.Owner.UserName);
            await _events.PublishAsync(new HubEvent.KernelReady(_time.GetUtcNow(), Kernel.Owner.UserName, Kernel.Id, Kernel.SpecName, Kernel.Path) { ServerName = Kernel.Owner.ServerName });
        }
        catch (KernelStartException failed)
        {
            await Kernel.DiedAsync(failed.UserMessage);
            // The tail of the log is the operator's: no cell has run yet, so it holds no output of one.
            LogStartFailed(_logger, Kernel.Id, Kernel.SpecName, Kernel.Owner.UserName, failed.Cause, failed.Message);
            await _events.PublishAsync(new HubEvent.KernelStartFailed(_time.GetUtcNow(), Kernel.Owner.UserName, Kernel.Id, Kernel.SpecName, Kernel.Path, failed.Cause, failed.UserMessage) { ServerName = Kernel.Owner.ServerName });
            throw;
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            const string said = "The kernel could not be started because the hub failed. Try again; if it happens again, tell your administrator: the log of the hub says more.";
            await Kernel.DiedAsync(said);
            LogStartBroken(_logger, broken, Kernel.Id, Kernel.SpecName);
            await _events.PublishAsync(new HubEvent.KernelStartFailed(_time.GetUtcNow(), Kernel.Owner.UserName, Kernel.Id, Kernel.SpecName, Kernel.Path, "hub", said) { ServerName = Kernel.Owner.ServerName });
            throw new KernelStartException("hub", said, broken.Message, broken);
        }
    }

    /// <summary>Ends the present process, if there is one: shutdown_request on control, grace, SIGTERM, grace, SIGKILL.</summary>
    /// <param name="was">The state it had when it was retired: it counts as dead already, though its process is not. Null otherwise.</param>
    private async Task EndAsync(bool restart, string? was = null)
    {
        await StopWatchingAsync();
        if (_spawned is not { } spawned)
            return;
        if ((was is not null || Kernel.Phase != KernelPhase.Dead) && _options.StopGrace > TimeSpan.Zero && await _spawner.PollAsync(spawned, CancellationToken.None) is null)
            await AskToEndAsync(spawned, restart, was ?? Kernel.ExecutionState);
        await Kernel.DetachAsync();
        await _spawner.StopAsync(spawned, _options.StopGrace, CancellationToken.None);
        _spawned = null;
    }

    private async Task AskToEndAsync(SpawnedKernel spawned, bool restart, string state)
    {
        using CancellationTokenSource patience = new(_options.StopGrace, _time);
        try
        {
            // A single-threaded kernel reads nothing while a cell runs, so a busy one is interrupted first (kernel-wire §9).
            if (state == "busy")
                await _spawner.InterruptAsync(spawned, patience.Token);
            await Kernel.TellAsync(KernelChannel.Control, MessageTypes.ShutdownRequest, new { restart }, patience.Token);
            await _spawner.WaitAsync(spawned, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It was asked; now it is told.
        }
    }

    private void Watch(SpawnedKernel spawned)
    {
        CancellationTokenSource watching = new();
        TaskCompletionSource<KernelExit> gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        (_watching, _gone) = (watching, gone);
        _watch = Task.WhenAll(WatchAsync(spawned, gone.Task, watching.Token), BeatAsync(watching.Token));
    }

    private async Task StopWatchingAsync()
    {
        if (_watching is not { } watching)
            return;
        _watching = null;
        await watching.CancelAsync();
        await _watch;
        watching.Dispose();
    }

    /// <param name="gone">Ends when it is found out otherwise that the process is no more.</param>
    private async Task WatchAsync(SpawnedKernel spawned, Task<KernelExit> gone, CancellationToken cancellationToken)
    {
        KernelExit exit;
        using CancellationTokenSource known = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            exit = await await Task.WhenAny(_spawner.WaitAsync(spawned, known.Token), gone);
            cancellationToken.ThrowIfCancellationRequested();
            await known.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            return;
        }

        bool asked = Kernel.ShutdownAsked && exit is { Cause: KernelExitCause.Exited, Code: 0 };
        (string cause, string message) = asked
            ? ("shutdown", "The kernel was shut down by a message of a tab. Restart it to go on.")
            : KernelDiagnosis.OfDeath(exit, _specs.Find(Kernel.SpecName)?.Limits ?? new ResourceLimits());
        await Kernel.DiedAsync(message);
        LogDied(_logger, Kernel.Id, Kernel.SpecName, Kernel.Owner.UserName, cause, exit.Code, exit.Signal);
        await _events.PublishAsync(new HubEvent.KernelDied(_time.GetUtcNow(), Kernel.Owner.UserName, Kernel.Id, Kernel.SpecName, Kernel.Path, cause, message) { ServerName = Kernel.Owner.ServerName });
        try
        {
            await Kernel.DetachAsync();
            // What held it (container, volume, files) is cleared away; only then may the id be launched again.
            await _spawner.StopAsync(spawned, TimeSpan.Zero, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogClearingFailed(_logger, e, Kernel.Id);
        }
    }

    /// <summary>A heartbeat now and then while somebody looks. Single-threaded kernels are silent while a cell runs, so silence is only noted.</summary>
    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        bool silent = false;
        try
        {
            while (true)
            {
                await Task.Delay(UntilNextBeat(), _time, cancellationToken);
                if (Kernel.ConnectionCount == 0 || Kernel.Client is not { } client)
                    continue;
                bool missed = !await client.PingAsync(_options.HeartbeatEvery, cancellationToken);
                if (missed != silent)
                    LogHeartbeat(_logger, Kernel.Id, missed ? "misses" : "answers");
                silent = missed;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The process is no more, or about to be replaced.
        }
    }

    /// <summary>At whole seconds, so that those of many kernels come together: one waking of the machine for all costs less than one each.</summary>
    private TimeSpan UntilNextBeat()
    {
        long due = (_time.GetUtcNow() + _options.HeartbeatEvery).UtcTicks;
        long late = due % TimeSpan.TicksPerSecond;
        return _options.HeartbeatEvery < TimeSpan.FromSeconds(1) || late == 0 ? _options.HeartbeatEvery : _options.HeartbeatEvery + TimeSpan.FromTicks(TimeSpan.TicksPerSecond - late);
    }

    /// <summary>Passes the spawner's steps on to the person waiting, in order and at once.</summary>
    private sealed class StartReport(KernelLife life) : IProgress<SpawnProgress>
    {
        public void Report(SpawnProgress value) => life._events.Publish(new HubEvent.KernelStarting(
            life._time.GetUtcNow(), life.Kernel.Owner.UserName, life.Kernel.Id, life.Kernel.SpecName, life.Kernel.Path, value.Percent, value.Message)
        {
            ServerName = life.Kernel.Owner.ServerName,
        });
    }

    [LoggerMessage(1220, LogLevel.Information, "Kernel {KernelId} ({SpecName}) of {UserName} is ready")]
    private static partial void LogReady(ILogger logger, string kernelId, string specName, string userName);

    [LoggerMessage(1221, LogLevel.Warning, "Kernel {KernelId} ({SpecName}) of {UserName} could not be started ({Cause}): {Why}")]
    private static partial void LogStartFailed(ILogger logger, string kernelId, string specName, string userName, string cause, string why);

    [LoggerMessage(1222, LogLevel.Error, "The start of kernel {KernelId} ({SpecName}) failed within the hub")]
    private static partial void LogStartBroken(ILogger logger, Exception broken, string kernelId, string specName);

    [LoggerMessage(1223, LogLevel.Information, "Kernel {KernelId} ({SpecName}) of {UserName} was restarted")]
    private static partial void LogRestarted(ILogger logger, string kernelId, string specName, string userName);

    [LoggerMessage(1224, LogLevel.Information, "Kernel {KernelId} ({SpecName}) of {UserName} was stopped")]
    private static partial void LogStopped(ILogger logger, string kernelId, string specName, string userName);

    [LoggerMessage(1225, LogLevel.Warning, "Kernel {KernelId} ({SpecName}) of {UserName} died: {Cause}, exit code {Code}, signal {Signal}")]
    private static partial void LogDied(ILogger logger, string kernelId, string specName, string userName, string cause, int? code, int? signal);

    [LoggerMessage(1226, LogLevel.Information, "Kernel {KernelId} ({SpecName}) of {UserName} was running already and was found again")]
    private static partial void LogAdopted(ILogger logger, string kernelId, string specName, string userName);

    [LoggerMessage(1227, LogLevel.Debug, "Kernel {KernelId} {Does} its heartbeat")]
    private static partial void LogHeartbeat(ILogger logger, string kernelId, string does);

    [LoggerMessage(1228, LogLevel.Warning, "Kernel {KernelId} could not be interrupted")]
    private static partial void LogInterruptFailed(ILogger logger, Exception e, string kernelId);

    [LoggerMessage(1229, LogLevel.Warning, "What is left of dead kernel {KernelId} could not be cleared away")]
    private static partial void LogClearingFailed(ILogger logger, Exception e, string kernelId);
}
