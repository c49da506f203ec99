using System.Collections.Concurrent;
using Hub.Classes;
using Hub.Contents.Quotas;
using Hub.Events;
using Hub.Http;
using Hub.Journal;
using Hub.Journal.Recording;
using Hub.Kernels.Reconciling;
using Hub.Kernels.Starting;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.Kernels;

/// <summary>All live kernels, by id; starts, restarts and stops them within the limits of <see cref="KernelsOptions"/>. Lists are answered from memory.</summary>
public sealed partial class KernelRegistry
{
    /// <summary>Each takes up to <c>Kernels:StopGrace</c>, and most of that is waiting.</summary>
    private const int EndedAtOnce = 16;

    private readonly ConcurrentDictionary<string, KernelLife> _kernels = new(StringComparer.Ordinal);
    /// <summary>Kernels of a former run of the hub that are being taken over and are not in the list yet.</summary>
    private readonly ConcurrentDictionary<string, byte> _arriving = new(StringComparer.Ordinal);

    private readonly Lock _admission = new();
    private readonly StartQueue _starts;
    private readonly KernelStarter _starter;
    private readonly ISpawner _spawner;
    private readonly KernelSpecCatalog _specs;
    private readonly EnvironmentAccess _access;
    private readonly ClassRules _classes;
    private readonly HomeQuotas _homes;
    private readonly EventStream _events;
    private readonly JournalStore _journals;
    private readonly Recorder _recorder;
    private readonly IOptions<KernelsOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private int _openSockets;

    public KernelRegistry(StartQueue starts, KernelStarter starter, ISpawner spawner, KernelSpecCatalog specs, EnvironmentAccess access, ClassRules classes, HomeQuotas homes, EventStream events, JournalStore journals, Recorder recorder, IOptions<KernelsOptions> options, TimeProvider time, ILoggerFactory loggers)
    {
        _starts = starts;
        (_access, _homes) = (access, homes);
        (_starter, _spawner, _specs, _classes, _events, _journals, _recorder) = (starter, spawner, specs, classes, events, journals, recorder);
        (_options, _time, _loggers) = (options, time, loggers);
        _logger = loggers.CreateLogger<KernelRegistry>();
    }

    private KernelsOptions Options => _options.Value;

    /// <summary>False until it is known which kernels a former run of the hub left: what is not found may still be.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>The kernels of all servers of a user, dead ones included, oldest first.</summary>
    public IReadOnlyList<LiveKernel> List(string userName) => [.. Living(life => life.Kernel.Owner.UserName == userName)];

    /// <summary>The kernels of one server, dead ones included, oldest first.</summary>
    public IReadOnlyList<LiveKernel> List(ServerKey server) => [.. Living(life => life.Kernel.Owner.Server == server)];

    /// <summary>All kernels of all users.</summary>
    public IReadOnlyList<LiveKernel> ListAll() => [.. _kernels.Values.Where(life => !life.IsOver).Select(life => life.Kernel)];

    /// <summary>A kernel of this user, in whichever server; null when there is none of this id, or it is somebody else's.</summary>
    public LiveKernel? Find(string userName, string id) =>
        _kernels.TryGetValue(id, out KernelLife? life) && !life.IsOver && life.Kernel.Owner.UserName == userName ? life.Kernel : null;

    /// <summary>A kernel of this server; null when there is none of this id, or it is of another server or somebody else.</summary>
    public LiveKernel? Find(ServerKey server, string id) => Find(server.UserName, id) is { } kernel && kernel.Owner.Server == server ? kernel : null;

    /// <summary>
    /// Starts a kernel, or returns the one of this id. Answers when the kernel did, at the latest after <c>Kernels:StartReplyAfter</c>; the
    /// start goes on if the caller leaves.
    /// </summary>
    /// <param name="specName">Null or empty is the default.</param>
    /// <param name="path">What people see it was started for: a document, or a directory.</param>
    /// <param name="directory">Where it starts, relative to the home; empty is the home.</param>
    /// <param name="kernelId">A wish; null lets the hub choose.</param>
    public async Task<KernelStart> StartAsync(KernelOwner owner, string? specName, string path, string directory, string? kernelId, CancellationToken cancellationToken)
    {
        Class? running = await _classes.FindRunningAsync(owner.UserName, cancellationToken);
        EnvironmentOffer offer = await _access.OfAsync(owner.UserName, cancellationToken);
        string wanted = string.IsNullOrEmpty(specName) ? _classes.SpecOf(running, offer) ?? offer.DefaultName : specName;
        if (offer.WhyNot(wanted) is { } reason)
            return offer.IsBroken(wanted) ? new KernelStart.Failed("environment_broken", reason) : new KernelStart.Refused(reason);
        if (offer.Find(wanted) is not { } spec)
            return new KernelStart.UnknownSpec($"There is no kernel called '{wanted}'. Available: {string.Join(", ", offer.Usable.Select(one => one.Name))}");
        if (kernelId is not null && !Guid.TryParseExact(kernelId, "D", out _))
            return new KernelStart.BadId("kernel_id must be a UUID such as 2f1c0c4e-9f3b-4d53-9d3c-6f0d0f7a2b11");

        KernelLife life;
        lock (_admission)
        {
            if (kernelId is not null && _kernels.TryGetValue(kernelId, out KernelLife? there))
            {
                return there.Kernel.Owner.Server == owner.Server && !there.IsOver
                    ? new KernelStart.Started(there.Kernel)
                    : new KernelStart.Taken($"The kernel id {kernelId} is taken.");
            }

            if (WhyNot(owner.UserName, running) is { } full)
                return new KernelStart.Refused(full);
            life = Create(kernelId ?? Guid.NewGuid().ToString(), owner, spec.Name, path, directory);
        }

        ForgetOldDead(owner.UserName);
        return await WaitAsync(life, Task.Run(() => life.StartAsync(running), CancellationToken.None), cancellationToken);
    }

    /// <summary>A new process under the same id; answers when it did. The second value says why it failed.</summary>
    public async Task<(bool Done, string? Why)> RestartAsync(LiveKernel kernel, CancellationToken cancellationToken)
    {
        Class? running = await _classes.FindRunningAsync(kernel.Owner.UserName, cancellationToken);
        // Who was taken out of the group, or whose environment lost its image, keeps the kernel that runs and gets no new one.
        if ((await _access.OfAsync(kernel.Owner.UserName, cancellationToken)).WhyNot(kernel.SpecName) is { } reason)
            return (false, reason);
        lock (_admission)
        {
            if ((kernel.Phase == KernelPhase.Dead ? WhyNot(kernel.Owner.UserName, running) : _homes.WhyNoKernel(kernel.Owner.UserName)) is { } full)
                return (false, full);
        }

        try
        {
            // Not the caller's to cancel: half a restart would be a dead kernel.
            await Task.Run(() => kernel.Life.RestartAsync(running), CancellationToken.None).WaitAsync(cancellationToken);
            return (true, null);
        }
        catch (KernelStartException failed)
        {
            return (false, failed.UserMessage);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, "The kernel was stopped meanwhile.");
        }
    }

    /// <summary>Stops what the kernel is doing; the kernel lives on.</summary>
    public Task InterruptAsync(LiveKernel kernel, CancellationToken cancellationToken) => kernel.Life.InterruptAsync(cancellationToken);

    /// <summary>The last lines the kernel's process wrote, at most <paramref name="maxBytes"/> bytes; null when it has none.</summary>
    public async Task<string?> ReadLogTailAsync(LiveKernel kernel, int maxBytes, CancellationToken cancellationToken) =>
        kernel.Life.Spawned is { } spawned ? await _spawner.ReadLogTailAsync(spawned, maxBytes, cancellationToken) : null;

    /// <summary>What the kernels take of the machine, by id, as far as their spawner can tell.</summary>
    public Task<IReadOnlyDictionary<string, KernelUsage>> MeasureAsync(CancellationToken cancellationToken) =>
        _spawner.MeasureAsync([.. ListAll().Select(kernel => kernel.Life.Spawned).OfType<SpawnedKernel>()], cancellationToken);

    /// <summary>Ends a kernel for good; returns when its process is gone.</summary>
    public async Task StopAsync(LiveKernel kernel)
    {
        await kernel.Life.StopAsync();
        await _journals.EndAsync(kernel.Id);
        _kernels.TryRemove(KeyValuePair.Create(kernel.Id, kernel.Life));
    }

    /// <summary>Ends all kernels of everybody, dead ones included; returns how many had a process.</summary>
    public async Task<int> StopAllAsync()
    {
        IReadOnlyList<LiveKernel> all = ListAll();
        int alive = all.Count(kernel => kernel.Phase != KernelPhase.Dead);
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = EndedAtOnce }, async (kernel, _) => await StopAsync(kernel));
        return alive;
    }

    /// <summary>Kernels that wait for their turn to be started.</summary>
    public int StartsWaiting => _starts.Waiting;

    /// <summary>WebSockets from before their upgrade to after their close frame.</summary>
    internal int OpenSockets => Volatile.Read(ref _openSockets);

    internal void SocketOpens() => Interlocked.Increment(ref _openSockets);

    internal void SocketIsClosed() => Interlocked.Decrement(ref _openSockets);

    /// <summary>Ends all connections, and those that are just being made, because the hub ends; kernels run on.</summary>
    internal void CloseAllTabs()
    {
        foreach (KernelLife life in _kernels.Values)
            life.Kernel.CloseConnections(CloseReason.HubRestarts);
    }

    /// <summary>The hub ends: kernels are let go, or stopped where <c>Kernels:StopOnExit</c> says so.</summary>
    internal async Task EndAsync()
    {
        await Parallel.ForEachAsync(_kernels.Values, async (life, _) => await (Options.StopOnExit ? StopAsync(life.Kernel) : ReleaseAsync(life)));
        _kernels.Clear();
    }

    private async Task ReleaseAsync(KernelLife life)
    {
        await life.ReleaseAsync();
        await _journals.CloseAsync(life.Kernel.Id);
    }

    /// <summary>Takes over a kernel that a former process of the hub started; its state is <c>starting</c> until it answered or is known to be busy.</summary>
    internal async Task AdoptAsync(SpawnedKernel spawned, KernelOwner owner)
    {
        _arriving[spawned.KernelId] = 0;
        try
        {
            await OpenJournalAsync(spawned.KernelId);
            KernelLife life = Create(spawned.KernelId, owner, spawned.KernelSpecName, spawned.Labels.GetValueOrDefault(KernelStarter.PathLabel, ""), directory: DirectoryLabelOf(spawned));
            await life.AdoptAsync(spawned);
        }
        finally
        {
            _arriving.TryRemove(spawned.KernelId, out _);
        }
    }

    /// <summary>What the hub believes of all kernels, for comparing it with what is there.</summary>
    internal IReadOnlyDictionary<string, KernelEntry> Entries()
    {
        // Those that arrive are read first: who has arrived meanwhile is in the list.
        Dictionary<string, KernelEntry> entries = _arriving.Keys.ToDictionary(id => id, id => new KernelEntry(id, null, IsChanging: true, IsDead: false));
        foreach ((string id, KernelLife life) in _kernels)
            entries[id] = new KernelEntry(id, life.Spawned?.Handle, life.IsChanging, life.Kernel.Phase == KernelPhase.Dead);
        return entries;
    }

    /// <summary>The process of a kernel is gone without the spawner having said so; people are told.</summary>
    internal void TellGone(string kernelId, string handle)
    {
        if (_kernels.TryGetValue(kernelId, out KernelLife? life))
            life.TellGone(handle);
    }

    /// <summary>Waits until the hub before this one, which is leaving, has let go of the journal.</summary>
    private async Task OpenJournalAsync(string kernelId)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                _journals.Open(kernelId);
                return;
            }
            catch (JournalInUseException) when (tries < 200)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time);
            }
        }
    }

    private static string DirectoryLabelOf(SpawnedKernel spawned) => spawned.Labels.GetValueOrDefault(KernelStarter.DirectoryLabel, "");

    private KernelLife Create(string id, KernelOwner owner, string specName, string path, string directory)
    {
        LiveKernel kernel = new(id, owner, specName, path, _journals.Open(id), _recorder, Options, _time, _loggers.CreateLogger<LiveKernel>());
        KernelLife life = new(kernel, directory, _starts, _starter, _spawner, _specs, _events, _options, _time, _loggers.CreateLogger<KernelLife>());
        _kernels[id] = life;
        return life;
    }

    private async Task<KernelStart> WaitAsync(KernelLife life, Task start, CancellationToken cancellationToken)
    {
        try
        {
            await start.WaitAsync(Options.StartReplyAfter, _time, cancellationToken);
            return new KernelStart.Started(life.Kernel);
        }
        catch (KernelStartException failed)
        {
            // Whoever asked is told right here; a dead kernel in the list would only puzzle.
            await StopAsync(life.Kernel);
            return new KernelStart.Failed(failed.Cause, failed.UserMessage);
        }
        catch (TimeoutException)
        {
            Observe(start);
            return new KernelStart.Started(life.Kernel);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Observe(start);
            throw;
        }
        catch (OperationCanceledException)
        {
            return new KernelStart.Failed("stopped", "The kernel was stopped while it was starting.");
        }
    }

    /// <summary>A start that goes on without anybody waiting: its failure is in the kernel's state, the log and the events already.</summary>
    private static void Observe(Task start) =>
        _ = start.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private IEnumerable<LiveKernel> Living(Func<KernelLife, bool> wanted) =>
        _kernels.Values.Where(life => !life.IsOver && wanted(life)).Select(life => life.Kernel).OrderBy(kernel => kernel.CreatedOrder);

    private string? WhyNot(string userName, Class? running)
    {
        int all = 0, own = 0;
        foreach (KernelLife life in _kernels.Values)
        {
            if (life.Kernel.Phase == KernelPhase.Dead)
                continue;
            all++;
            if (life.Kernel.Owner.UserName == userName)
                own++;
        }

        if (own >= running?.Limits.MaxKernels)
            return $"You have {own} running kernels, as many as your class '{running.Name}' allows. Shut one down (menu Kernel, or the list of running kernels) and try again.";
        if (own >= Options.MaxPerUser)
            return $"You have {own} running kernels, as many as {KernelsOptions.Section}:{nameof(KernelsOptions.MaxPerUser)} allows. Shut one down (menu Kernel, or the list of running kernels) and try again.";
        return all >= Options.MaxTotal
            ? $"The hub runs {all} kernels, as many as {KernelsOptions.Section}:{nameof(KernelsOptions.MaxTotal)} allows. Try again later, or ask your administrator."
            : _homes.WhyNoKernel(userName);
    }

    private void ForgetOldDead(string userName)
    {
        List<LiveKernel> dead = [.. List(userName).Where(kernel => kernel.Phase == KernelPhase.Dead).OrderBy(kernel => kernel.LastActivity)];
        foreach (LiveKernel kernel in dead.Take(Math.Max(0, dead.Count - Options.MaxDeadPerUser)))
            _ = StopQuietlyAsync(kernel);
    }

    private async Task StopQuietlyAsync(LiveKernel kernel)
    {
        try
        {
            await StopAsync(kernel);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogForgettingFailed(_logger, e, kernel.Id);
        }
    }

    [LoggerMessage(1230, LogLevel.Warning, "Dead kernel {KernelId} could not be forgotten")]
    private static partial void LogForgettingFailed(ILogger logger, Exception e, string kernelId);
}
