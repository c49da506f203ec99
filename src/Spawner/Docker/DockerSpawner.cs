using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spawner.Docker.Internet;
using Spawner.Docker.Warm;
using Spawner.Posix;

namespace Spawner.Docker;

/// <summary>
/// One container per kernel, on the engine of this machine. The container has no network by default; hub and kernel meet at five
/// Unix sockets in a small tmpfs volume of the kernel's own. Labels hold all a restarted hub needs; kernels outlive the hub, and
/// with live-restore the engine too. Nothing is removed by the engine itself: exit code and log are read first.
/// </summary>
public sealed partial class DockerSpawner : ISpawner, IKernelWarmer, IAsyncDisposable
{
    private static readonly TimeSpan LookForSockets = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(500);

    private readonly SpawnSite _site;
    private readonly DockerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<DockerSpawner> _logger;
    private readonly EngineCalls _engine;
    private readonly ImageStore _images;
    private int _disposed;
    private readonly ContainerWatch _watch;
    private readonly ChannelPlaces _channels;
    private readonly StartQueue _queue;
    private readonly StoppedKernels _stopped = new();
    private readonly ContainerGroups _groups = new();
    private readonly WarmPlaces _places;
    private readonly WarmPool _pool;
    private readonly InternetGuard _internet;

    /// <summary>Kernels being started by this object, which <see cref="ListAsync"/> must not take for the remains of a crash.</summary>
    private readonly ConcurrentDictionary<string, byte> _starting = new();

    /// <summary>
    /// Kernels this object has given out, by container. They are not looked into again: their sockets are known, and their connection
    /// file is theirs, to be written anew or lost without their end.
    /// </summary>
    private readonly ConcurrentDictionary<string, SpawnedKernel> _given = new();

    public DockerSpawner(SpawnSite site, IOptions<DockerOptions> options, TimeProvider time, ILogger<DockerSpawner> logger)
        : this(site, options, time, logger, HostNetwork.Own)
    {
    }

    /// <param name="host">The network the engine makes its bridges in.</param>
    internal DockerSpawner(SpawnSite site, IOptions<DockerOptions> options, TimeProvider time, ILogger<DockerSpawner> logger, HostNetwork host)
    {
        ArgumentNullException.ThrowIfNull(options);
        _site = site;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _engine = new EngineCalls(new EngineClient(EngineSocket.Find(_options), RequestTimeout, time));
        _images = new ImageStore(_engine, _options, time, logger);
        _watch = new ContainerWatch(_engine, site, RequestTimeout, time, logger);
        _channels = new ChannelPlaces(site, "d", seenByKernel: false);
        _queue = new StartQueue(_options.ParallelStarts);
        _places = new WarmPlaces(site);
        _pool = new WarmPool(_engine, _watch, _places, site, _options, time, logger);
        _internet = new InternetGuard(_engine, site, _options.Internet, host, time, logger);
    }

    public string Name => "docker";

    public SpawnerKind Kind => SpawnerKind.Container;

    private TimeSpan RequestTimeout => TimeSpan.FromSeconds(_options.RequestTimeoutSeconds);

    private bool UsesVolumes => _options.Channels == "volume" || (_options.Channels == "auto" && HubUser.IsRoot);

    public async Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
    {
        SpawnRequestPolicy.Check(request);
        if (request.Image is not { Length: > 0 } image)
            throw new SpawnException(SpawnFailure.InvalidRequest, $"The kernel \"{request.KernelSpecName}\" has no image. Tell the administrator of this hub.", $"Kernelspec {request.KernelSpecName} names no image, which containers need.");
        SpawnSteps steps = new(progress);
        steps.Say(0, "Starting the kernel");
        await EnsureAsync(image, steps.Part(0, 80), cancellationToken);
        using IDisposable place = await _queue.EnterAsync(steps, cancellationToken);
        if (!_starting.TryAdd(request.KernelId, 0))
            throw new SpawnException(SpawnFailure.InvalidRequest, "A kernel of that id is being started already.", $"Kernel {ShortId.Of(request.KernelId)} is being started already.");
        bool started = false, mine = false;
        string? container = null, volume = null;
        try
        {
            if (await _engine.InspectAsync(ContainerPlan.NameFor(_site, request.KernelId), cancellationToken) is not null)
                throw new SpawnException(SpawnFailure.InvalidRequest, "A kernel of that id is already there.", $"Kernel {ShortId.Of(request.KernelId)} exists already.");
            mine = true;
            string? directory = UsesVolumes ? null : MakeDirectory(request);
            (int, int) user = (request.UserId ?? HubUser.UserId, request.GroupId ?? request.UserId ?? HubUser.GroupId);
            ContainerPlan plan = ContainerPlan.For(request, _options, _site, image, directory, user, _time.GetUtcNow());
            volume = plan.Volume?.Name;
            if (await FromPoolAsync(request, plan, user, steps, cancellationToken) is { } warm)
            {
                started = true;
                _given[warm.Handle] = warm;
                return warm;
            }
            await GuardAsync(request, cancellationToken);
            // Calls that make something are not cancelled half way: what the engine did would not be known.
            string channels = plan.Volume is null ? directory! : await _engine.CreateVolumeAsync(plan.Volume, CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            container = await _engine.CreateContainerAsync(plan.Name, plan.Body, CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            steps.Say(85, "Starting the kernel's container");
            Task<ContainerDeath> death = _watch.DeathOf(container);
            await _engine.StartAsync(container, CancellationToken.None);
            steps.Say(90, "Waiting for the kernel to come up");
            SpawnedKernel kernel = await ListenAsync(request, plan, container, channels, user, death, null, cancellationToken);
            started = true;
            _given[container] = kernel;
            steps.Say(100, "The kernel is up");
            LogStarted(ShortId.Of(kernel.KernelId), ShortId.Of(container), request.KernelSpecName);
            return kernel;
        }
        catch (EngineException refused)
        {
            throw StartFailure.Explain(refused, request);
        }
        catch (IOException e)
        {
            throw new SpawnException(SpawnFailure.Unknown, "The kernel could not be started. Tell the administrator of this hub.",
                $"Kernel {ShortId.Of(request.KernelId)}: {e.Message}", e);
        }
        finally
        {
            if (mine && !started) await CleanUpAsync(request.KernelId, container, volume);
            _starting.TryRemove(request.KernelId, out _);
        }
    }

    public async Task<KernelExit?> PollAsync(SpawnedKernel kernel, CancellationToken cancellationToken)
    {
        Task<ContainerDeath> death = _watch.DeathOf(kernel.Handle);
        // While the engine's events are heard, no news is good news and costs no call.
        if (_watch.IsKnownAlive(kernel.Handle) && !_stopped.Contains(kernel)) return null;
        try
        {
            return await LookAsync(kernel, death, cancellationToken);
        }
        catch (EngineException)
        {
            // An engine that does not answer says nothing about its containers.
            return null;
        }
    }

    public async Task<KernelExit> WaitAsync(SpawnedKernel kernel, CancellationToken cancellationToken)
    {
        Task<ContainerDeath> death = _watch.DeathOf(kernel.Handle);
        for (; ; )
        {
            try
            {
                if (await LookAsync(kernel, death, cancellationToken) is { } exit) return exit;
                if (!death.IsCompleted)
                {
                    await death.WaitAsync(cancellationToken);
                    continue;
                }
            }
            catch (EngineException) when (death is { IsCompletedSuccessfully: true, Result: { OutOfMemory: false, EngineLeftAt: not null } })
            {
                // Its end was seen, and the engine went after it: nobody is to wait for that to come back.
                return new KernelExit(KernelExitCause.EngineStopped, null, null, "");
            }
            catch (EngineException)
            {
                // Asked again below: the engine may come back, and its kernels with it.
            }
            await Task.Delay(AskAgain, _time, cancellationToken);
        }
    }

    public async Task InterruptAsync(SpawnedKernel kernel, CancellationToken cancellationToken)
    {
        try
        {
            await _engine.KillAsync(kernel.Handle, "SIGINT", cancellationToken);
        }
        catch (EngineException silent)
        {
            throw StartFailure.Unavailable(silent);
        }
    }

    public async Task StopAsync(SpawnedKernel kernel, TimeSpan grace, CancellationToken cancellationToken)
    {
        try
        {
            Task<ContainerDeath> death = _watch.DeathOf(kernel.Handle);
            EngineAnswers.ContainerState? state = await _engine.InspectAsync(kernel.Handle, cancellationToken);
            if (state is not null && !ContainerExit.HasEnded(state))
            {
                // Whoever waits learns the cause of the end, which is this call unless it ended before.
                _stopped.Add(kernel);
                if (grace > TimeSpan.Zero)
                {
                    await _engine.KillAsync(kernel.Handle, "SIGTERM", cancellationToken);
                    await Task.WhenAny(death, Task.Delay(grace, _time, cancellationToken));
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
            await RemoveAsync(kernel.KernelId, kernel.Handle);
            if (state is not null) LogStopped(ShortId.Of(kernel.KernelId));
        }
        catch (EngineException silent)
        {
            throw StartFailure.Unavailable(silent);
        }
    }

    public async Task<IReadOnlyList<SpawnedKernel>> ListAsync(CancellationToken cancellationToken)
    {
        string label = $"{SpawnLabels.Hub}={_site.HubId}";
        List<SpawnedKernel> kernels = [];
        HashSet<string> known = [], usedVolumes = [];
        try
        {
            // Volumes before containers, and starts in progress before and after both: what is made meanwhile is not taken for remains.
            HashSet<string> starting = [.. _starting.Keys];
            IReadOnlyList<EngineAnswers.Volume> volumes = await _engine.ListVolumesAsync(label, cancellationToken);
            string[] directories = Directory.Exists(DirectoriesPath) ? Directory.GetDirectories(DirectoriesPath) : [];
            HashSet<string> slots = [.. _places.Known()], taken = [];
            IReadOnlyCollection<string> watched = _watch.Watching;
            IReadOnlyList<EngineAnswers.Listed> containers = await _engine.ListAsync(label, cancellationToken);
            _watch.Compare(watched, containers);
            foreach (EngineAnswers.Listed listed in containers)
            {
                IReadOnlyDictionary<string, string> labels = listed.Labels ?? new Dictionary<string, string>();
                if (ContainerLabels.SlotOf(labels) is { } slot)
                {
                    slots.Remove(slot);
                    taken.Add(slot);
                    if (await OwnerOfAsync(slot, listed) is not { } owner) continue;
                    labels = owner;
                }
                if (listed.Id is not { } container || ContainerLabels.KernelIdOf(labels) is not { Length: > 0 } id) continue;
                known.Add(id);
                if (ContainerLabels.VolumeOf(labels) is { } its) usedVolumes.Add(its);
                if (starting.Contains(id) || _starting.ContainsKey(id) || listed.State == "removing") continue;
                if (await AdoptAsync(container, id, listed.State, labels, cancellationToken) is { } kernel) kernels.Add(kernel);
                else if (!_starting.ContainsKey(id)) await SweepAsync(id, container, null);
            }
            foreach (EngineAnswers.Volume volume in volumes)
            {
                if (volume.Labels?.GetValueOrDefault(ContainerLabels.Slot) is { } slot && !taken.Contains(slot)) slots.Add(slot);
                string? id = volume.Labels?.GetValueOrDefault(SpawnLabels.KernelId);
                if (id is null || volume.Name is not { } name || starting.Contains(id) || _starting.ContainsKey(id) || usedVolumes.Contains(name)) continue;
                if (known.Contains(id)) await RemoveVolumeAsync(id, name);
                else await SweepAsync(id, null, name);
            }
            foreach (string slot in slots.Where(slot => !_pool.Holds(slot))) await _pool.SweepAsync(slot, null);
            HashSet<string> used = [.. known.Concat(_starting.Keys).Select(ChannelPlaces.NameFor)];
            foreach (string left in directories.Where(path => !used.Contains(Path.GetFileName(path)))) Directory.Delete(left, recursive: true);
        }
        catch (EngineException silent)
        {
            throw StartFailure.Unavailable(silent);
        }
        return kernels;
    }

    public Task<string> ReadLogTailAsync(SpawnedKernel kernel, int maxBytes, CancellationToken cancellationToken) =>
        _engine.ReadLogAsync(kernel.Handle, maxBytes, RequestTimeout, cancellationToken);

    public Task<IReadOnlyDictionary<string, KernelUsage>> MeasureAsync(IReadOnlyCollection<SpawnedKernel> kernels, CancellationToken cancellationToken) =>
        Task.Run(() => ContainerUsage.ReadAllAsync(_engine, _groups, kernels, cancellationToken), cancellationToken);

    /// <summary>Stops listening to the engine; stops no kernel. Again does nothing: who holds it under several names ends it once for each.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _pool.DisposeAsync();
        await _watch.DisposeAsync();
        _images.Dispose();
        _queue.Dispose();
        _internet.Dispose();
        _groups.Dispose();
        _engine.Client.Dispose();
    }

    private string DirectoriesPath => Path.Combine(_site.RunDirectory, "d");

    private string MakeDirectory(SpawnRequest request)
    {
        string path = _channels.Choose(request.KernelId, reachable: true);
        SharedDirectory.Create(path, request.UserId, request.GroupId).Dispose();
        return path;
    }

    private async Task<KernelExit?> LookAsync(SpawnedKernel kernel, Task<ContainerDeath> death, CancellationToken cancellationToken)
    {
        EngineAnswers.ContainerState? state = await _engine.InspectAsync(kernel.Handle, cancellationToken);
        if (state is not null && !ContainerExit.HasEnded(state))
        {
            _watch.SawRunning(kernel.Handle);
            return null;
        }
        _groups.Forget(kernel.Handle);
        if (state is null) _watch.Forget(kernel.Handle);
        string log = state is null ? "" : await _engine.ReadLogAsync(kernel.Handle, LogTail.ExitBytes, RequestTimeout, cancellationToken);
        return ContainerExit.Read(state, death.IsCompletedSuccessfully ? await death : null, _stopped.Contains(kernel), log);
    }

    /// <summary>Null when a former hub ended in the middle of starting it.</summary>
    private async Task<SpawnedKernel?> AdoptAsync(string container, string kernelId, string? state, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        _ = _watch.DeathOf(container);
        if (state == "created") return null;
        if (state == "running" && _given.TryGetValue(container, out SpawnedKernel? given)) return given;
        if (state is "exited" or "dead") return ContainerLabels.Read(container, labels, ConnectionFile.Endpoint("", ""));
        string? channels = ContainerLabels.DirectoryOf(labels) ?? await _engine.FindVolumeAsync(ContainerLabels.VolumeOf(labels) ?? ContainerPlan.NameFor(_site, kernelId), cancellationToken);
        if (channels is null) return null;
        try
        {
            using SharedDirectory shared = SharedDirectory.Open(channels);
            using SharedDirectory? kernels = shared.OpenInside(ConnectionFile.Folder);
            if (kernels?.Read(ConnectionFile.Name, ConnectionFile.MaxBytes) is not { } file || ConnectionFile.ReadKey(file) is not { } key
                || !shared.HoldsSockets(ConnectionFile.SocketNamesOf(SpawnLabels.PurposeOf(labels)), ContainerLabels.UserIdOf(labels)))
                return null;
            shared.Seal(ContainerLabels.GroupIdOf(labels) ?? ContainerLabels.UserIdOf(labels));
            return shared.HoldsSockets(ConnectionFile.SocketNamesOf(SpawnLabels.PurposeOf(labels)), ContainerLabels.UserIdOf(labels))
                ? _given[container] = ContainerLabels.Read(container, labels, ConnectionFile.Endpoint(Reachable(kernelId, channels), key))
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LoggerMessage(2004, LogLevel.Information, "Kernel {KernelId} started in container {Container} ({KernelSpec})")]
    private partial void LogStarted(string kernelId, string container, string kernelSpec);

    [LoggerMessage(2005, LogLevel.Information, "Kernel {KernelId} stopped and its container removed")]
    private partial void LogStopped(string kernelId);
}
