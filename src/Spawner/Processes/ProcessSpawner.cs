using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spawner.Posix;

namespace Spawner.Processes;

/// <summary>
/// A kernel as a local process: development, tests and machines without containers. Each kernel has a session of its own under a
/// small supervising shell that outlives the hub, notes the exit status and bounds the log; the state directory beneath the run
/// directory is all a restarted hub needs. Where the hub is root, a kernel runs with its user's uid and no capability.
/// What this cannot do: limit memory, processors, /tmp or the network, hide other processes and the machine's files.
/// </summary>
public sealed partial class ProcessSpawner(SpawnSite site, IOptions<ProcessOptions> options, TimeProvider time, ILogger<ProcessSpawner> logger)
    : ISpawner, IImagePreparer, IDisposable
{
    /// <summary>Between a kernel's end and its supervisor's note about it.</summary>
    private static readonly TimeSpan NoteInterval = TimeSpan.FromMilliseconds(50);

    private readonly ProcessOptions _options = options.Value;
    private readonly ChannelPlaces _channels = new(site, "k", seenByKernel: true);
    private readonly ProcessWatch _watch = new(time);
    private readonly StartQueue _queue = new(options.Value.ParallelStarts);

    /// <summary>Kernels being started by this object, which <see cref="ListAsync"/> must not take for the remains of a crash.</summary>
    private readonly ConcurrentDictionary<string, byte> _starting = new();

    /// <summary>Kernels stopped by this object; small, and what asks later gets the true cause.</summary>
    private readonly StoppedKernels _stopped = new();

    public string Name => "process";

    public SpawnerKind Kind => SpawnerKind.Process;

    private string States => Path.Combine(site.RunDirectory, "processes");

    public async Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
    {
        SpawnRequestPolicy.Check(request);
        if (request.Mounts.Count > 0 || request.Gpus is not null)
        {
            throw new SpawnException(SpawnFailure.InvalidRequest, $"The kernel \"{request.KernelSpecName}\" needs a container, and this hub runs kernels as local processes. Tell the administrator of this hub.",
                $"Kernelspec {request.KernelSpecName} asks for mounts or GPUs, which only containers can be given.");
        }
        SpawnSteps steps = new(progress);
        steps.Say(0, "Starting the kernel");
        using IDisposable place = await _queue.EnterAsync(steps, cancellationToken);
        KernelFolder folder = FolderOf(request.KernelId);
        if (folder.Exists || !_starting.TryAdd(request.KernelId, 0))
            throw new SpawnException(SpawnFailure.InvalidRequest, "A kernel of that id is already there.", $"Kernel {ShortId.Of(request.KernelId)} exists already.");
        ProcessIdentity? supervisor = null;
        bool started = false;
        try
        {
            (ProcessPlan.Place where, SharedDirectory shared) = Prepare(request, folder);
            using (shared)
            {
                using (SharedDirectory kernels = shared.CreateInside(ConnectionFile.Folder, request.UserId, request.GroupId))
                {
                    foreach ((string name, string content) in request.Files) kernels.Write(name, Encoding.UTF8.GetBytes(content), request.UserId, request.GroupId);
                    kernels.Write(ConnectionFile.Name, ConnectionFile.Write(where.Channels, request.Key, request.KernelSpecName), request.UserId, request.GroupId);
                }
                ProcessPlan plan = ProcessPlan.For(request, _options, where);
                folder.Create(where.Channels, plan.Environment);
                steps.Say(20, "Waiting for the kernel to come up");
                supervisor = Launch(plan, request.KernelId);
                SpawnedKernel kernel = await ListenAsync(request, folder, shared, where.Channels, supervisor, cancellationToken);
                started = true;
                steps.Say(100, "The kernel is up");
                LogStarted(ShortId.Of(kernel.KernelId), kernel.Handle, request.KernelSpecName);
                return kernel;
            }
        }
        catch (Exception e) when (e is IOException or Win32Exception or UnauthorizedAccessException)
        {
            throw new SpawnException(SpawnFailure.Unknown, "The kernel could not be started. Tell the administrator of this hub.",
                $"Kernel {ShortId.Of(request.KernelId)} could not be started: {e.Message}", e);
        }
        finally
        {
            if (!started) await RemoveAsync(request.KernelId, folder, supervisor, null, _channels.Find(request.KernelId));
            _starting.TryRemove(request.KernelId, out _);
        }
    }

    public Task<KernelExit?> PollAsync(SpawnedKernel kernel, CancellationToken cancellationToken) => Task.FromResult(Poll(kernel));

    public async Task<KernelExit> WaitAsync(SpawnedKernel kernel, CancellationToken cancellationToken)
    {
        for (; ; )
        {
            if (Poll(kernel) is { } exit) return exit;
            if (RecordOf(kernel) is { } record && ProcessTable.IsAlive(record.Process))
                await _watch.DoubtAsync(record.Process.Id, cancellationToken);
            else
                await Task.Delay(NoteInterval, time, cancellationToken);
        }
    }

    public Task InterruptAsync(SpawnedKernel kernel, CancellationToken cancellationToken)
    {
        Signal(kernel, Libc.SigInt);
        return Task.CompletedTask;
    }

    public async Task StopAsync(SpawnedKernel kernel, TimeSpan grace, CancellationToken cancellationToken)
    {
        KernelFolder folder = FolderOf(kernel.KernelId);
        if (RecordOf(kernel) is null) return;
        // Whoever waits learns the cause of the end, which is this call unless it ended before.
        if (Poll(kernel) is null) _stopped.Add(kernel);
        if (grace > TimeSpan.Zero && Signal(kernel, Libc.SigTerm))
        {
            using CancellationTokenSource patience = new(grace, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                while (RecordOf(kernel) is { } running && ProcessTable.IsAlive(running.Process))
                    await Task.Delay(TimeSpan.FromMilliseconds(20), time, either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The grace is over.
            }
        }
        if (RecordOf(kernel) is not { } record) return;
        await RemoveAsync(kernel.KernelId, folder, record.Supervisor, record.Process, record.Channels);
        LogStopped(ShortId.Of(kernel.KernelId));
    }

    public async Task<IReadOnlyList<SpawnedKernel>> ListAsync(CancellationToken cancellationToken)
    {
        List<SpawnedKernel> kernels = [];
        if (!Directory.Exists(States)) return kernels;
        foreach (string path in Directory.EnumerateDirectories(States))
        {
            string id = Path.GetFileName(path);
            if (_starting.ContainsKey(id)) continue;
            KernelFolder folder = new(path);
            if (folder.ReadRecord() is { } record)
            {
                kernels.Add(record.Kernel);
                continue;
            }
            if (_starting.ContainsKey(id)) continue;
            LogHalfMade(ShortId.Of(id));
            await RemoveAsync(id, folder, null, folder.ReadPid() is { } pid ? ProcessIdentity.Of(pid) : null, folder.ReadChannels());
        }
        return kernels;
    }

    public Task<string> ReadLogTailAsync(SpawnedKernel kernel, int maxBytes, CancellationToken cancellationToken) =>
        Task.FromResult(FolderOf(kernel.KernelId).ReadLogTail(maxBytes));

    public Task<IReadOnlyDictionary<string, KernelUsage>> MeasureAsync(IReadOnlyCollection<SpawnedKernel> kernels, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyDictionary<string, KernelUsage>>(
            () =>
            {
                Dictionary<int, KernelUsage> sessions = kernels.Count == 0 ? [] : SessionUsage.ReadAll();
                Dictionary<string, KernelUsage> known = [];
                foreach (SpawnedKernel kernel in kernels)
                {
                    // The handle is the pid, and the kernel leads its session.
                    if (int.TryParse(kernel.Handle, CultureInfo.InvariantCulture, out int id) && sessions.TryGetValue(id, out KernelUsage? usage))
                        known[kernel.KernelId] = usage;
                }
                return known;
            },
            cancellationToken);

    /// <summary>Local processes need no image.</summary>
    public Task EnsureAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Local processes need no image.</summary>
    public Task RenewAsync(string image, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Null: local processes have no images.</summary>
    public Task<ImageFacts?> FindAsync(string image, CancellationToken cancellationToken) => Task.FromResult<ImageFacts?>(null);

    /// <summary>Does nothing.</summary>
    public Task KeepAsync(string imageId, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Does nothing.</summary>
    public Task ReleaseAsync(string imageId, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>False: local processes are on the machine's network, whatever is asked for.</summary>
    public Task<bool> HasNetworkAsync(string network, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Stops nothing: kernels outlive the hub.</summary>
    public void Dispose() => _queue.Dispose();

    private KernelFolder FolderOf(string kernelId) => new(Path.Combine(States, kernelId));

    /// <summary>Makes the directory of the sockets and decides where the kernel sees its home.</summary>
    private (ProcessPlan.Place Where, SharedDirectory Shared) Prepare(SpawnRequest request, KernelFolder folder)
    {
        if (!Directory.Exists(request.HomeDirectory)) throw Refused($"the home {request.HomeDirectory} does not exist");
        if (request.UserId is { } wanted && wanted != HubUser.UserId && !HubUser.IsRoot)
            throw Refused($"only root can start kernels as user id {wanted}; this hub is user id {HubUser.UserId}");

        string home = request.HomeDirectory;
        string? cover = null;
        if (request.UserId is { } user and > 0 && HubUser.IsRoot && !HomeReach.CanReach(home, user, request.GroupId ?? user))
        {
            cover = HomeReach.CanMount ? HomeReach.FindCover(request.Command.Append(home).Append(site.RunDirectory)) : null;
            if (cover is null)
                throw Refused($"user id {user} cannot reach {home}; let others pass through the directories above it (chmod o+x) or choose another data directory");
            home = $"{cover}/{UserHome.NameFor(request.UserName)}";
        }

        Directory.CreateDirectory(States);
        bool reachable = !HubUser.IsRoot || request.UserId is not { } passing || HomeReach.CanReach(site.RunDirectory, passing, request.GroupId ?? passing);
        string channels = _channels.Choose(request.KernelId, reachable);
        SharedDirectory shared = SharedDirectory.Create(channels, request.UserId, request.GroupId);
        string path = string.IsNullOrWhiteSpace(_options.Path) ? Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin" : _options.Path;
        long openFiles = Math.Min(request.Limits.OpenFiles ?? _options.OpenFiles, HubUser.IsRoot ? long.MaxValue : MachineLimits.OpenFiles);
        return (new ProcessPlan.Place(folder.Path, home, cover, channels, path, openFiles, HubUser.IsRoot, MachineLimits.ResetsSignals), shared);
    }

    private static ProcessIdentity Launch(ProcessPlan plan, string kernelId)
    {
        ProcessStartInfo start = new("setsid", plan.Arguments) { WorkingDirectory = "/", UseShellExecute = false };
        // Nothing of the hub's own environment: it holds the administrator's token.
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C";
        // Marked from the first breath: whoever leaves the supervisor's session while it is being killed is found by nothing else.
        start.Environment[ProcessPlan.Cookie] = kernelId;
        using Process process = Process.Start(start) ?? throw new IOException("setsid did not start");
        return ProcessIdentity.Of(process.Id) ?? throw new IOException("the supervising shell ended at once; are setsid and sh installed?");
    }

    /// <summary>Waits for the five sockets, takes their directory away from the kernel and writes the record.</summary>
    private async Task<SpawnedKernel> ListenAsync(SpawnRequest request, KernelFolder folder, SharedDirectory shared, string channels, ProcessIdentity supervisor, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(_options.StartTimeoutSeconds), time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (!shared.HoldsSockets(ConnectionFile.SocketNamesOf(request.Purpose), HubUser.IsRoot ? request.UserId : null))
            {
                if (folder.ReadExit() is { } status || !ProcessTable.IsAlive(supervisor))
                {
                    await ProcessTable.SettleAsync(supervisor, time, cancellationToken);
                    throw EarlyEnd.Explain(request, ExitOf(folder, folder.ReadExit()));
                }
                await Task.Delay(TimeSpan.FromMilliseconds(10), time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw EarlyEnd.TooSlow(request, _options.StartTimeoutSeconds, "Processes:StartTimeoutSeconds", folder.ReadLogTail(LogTail.ExitBytes));
        }
        shared.Seal(request.GroupId ?? request.UserId);
        ProcessIdentity? process = folder.ReadPid() is { } pid ? ProcessIdentity.Of(pid) : null;
        if (process is null || !shared.HoldsSockets(ConnectionFile.SocketNamesOf(request.Purpose), HubUser.IsRoot ? request.UserId : null))
            throw EarlyEnd.Explain(request, ExitOf(folder, folder.ReadExit()));
        SpawnedKernel kernel = new(request.KernelId, request.UserName, request.KernelSpecName, process.Id.ToString(CultureInfo.InvariantCulture),
            ConnectionFile.Endpoint(channels, request.Key), request.InterruptMode, time.GetUtcNow(), SpawnLabels.For(site, request));
        folder.Write(new KernelRecord(kernel, channels, supervisor, process));
        return kernel;
    }

    private KernelExit? Poll(SpawnedKernel kernel)
    {
        KernelRecord? record = RecordOf(kernel);
        if (_stopped.Contains(kernel))
            return record is not null && ProcessTable.IsAlive(record.Process) ? null : new KernelExit(KernelExitCause.Stopped, null, null, "");
        if (record is null) return new KernelExit(KernelExitCause.Removed, null, null, "");
        KernelFolder folder = FolderOf(kernel.KernelId);
        if (folder.ReadExit() is { } status) return ExitOf(folder, status);
        // Between the kernel's end and the note about it, its supervisor lives.
        if (ProcessTable.IsAlive(record.Process) || ProcessTable.IsAlive(record.Supervisor)) return null;
        return ExitOf(folder, folder.ReadExit());
    }

    /// <summary>Null when it was removed, or when the id belongs to a restarted kernel by now.</summary>
    private KernelRecord? RecordOf(SpawnedKernel kernel) =>
        FolderOf(kernel.KernelId).ReadRecord() is { } record && record.Kernel.Handle == kernel.Handle ? record : null;

    private static KernelExit ExitOf(KernelFolder folder, int? status)
    {
        string log = folder.ReadLogTail(LogTail.ExitBytes);
        return status is { } code ? ExitStatus.Read(code, log) : new KernelExit(KernelExitCause.Removed, null, null, log);
    }

    /// <summary>To the whole process group; false when there is nobody to hear it.</summary>
    private bool Signal(SpawnedKernel kernel, int signal) =>
        RecordOf(kernel) is { } record && ProcessTable.IsAlive(record.Process) && Libc.Kill(-record.Process.Id, signal) == 0;

    private async Task RemoveAsync(string kernelId, KernelFolder folder, ProcessIdentity? supervisor, ProcessIdentity? kernel, string? channels)
    {
        // Not cancelled with the caller: what was started must end.
        await ProcessTable.KillAllAsync(kernelId, supervisor, kernel, time);
        try
        {
            if (channels is not null && Directory.Exists(channels)) Directory.Delete(channels, recursive: true);
            ShortDirectory.RemoveIfEmpty(site);
            folder.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogRemains(e, ShortId.Of(kernelId));
        }
    }

    private static SpawnException Refused(string why) => new(SpawnFailure.InvalidRequest,
        "The kernel cannot be started as this hub is set up. Tell its administrator.", $"Start refused: {why}.");

    [LoggerMessage(2000, LogLevel.Information, "Kernel {KernelId} started as process {ProcessId} ({KernelSpec})")]
    private partial void LogStarted(string kernelId, string processId, string kernelSpec);

    [LoggerMessage(2001, LogLevel.Information, "Kernel {KernelId} stopped")]
    private partial void LogStopped(string kernelId);

    [LoggerMessage(2002, LogLevel.Warning, "Kernel {KernelId} was left half started by a hub that ended; removing it")]
    private partial void LogHalfMade(string kernelId);

    [LoggerMessage(2003, LogLevel.Warning, "Files of kernel {KernelId} could not be removed")]
    private partial void LogRemains(Exception exception, string kernelId);
}
