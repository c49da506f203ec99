using System.Collections.Concurrent;
using System.Globalization;
using Spawner;
using Wire.Jupyter;

namespace Testing;

/// <summary>Starts <see cref="FakeKernel"/>s in this process instead of containers. It outlives a hub under test, as an engine does.</summary>
public class FakeSpawner : ISpawner, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Running> _running = new();

    /// <summary>How the kernels it starts behave.</summary>
    public FakeKernelOptions Options { get; set; } = new();

    /// <summary>How a kernel that dies ended; signal 9 unless a test says otherwise.</summary>
    public KernelExit Exit { get; set; } = new(KernelExitCause.Signalled, null, 9, "last words");

    /// <summary>By which a kernel was started.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Everything that was asked for.</summary>
    public ConcurrentQueue<SpawnRequest> Requests { get; } = new();

    public int Interrupts => _interrupts;

    public virtual string Name => "fake";

    public virtual SpawnerKind Kind => SpawnerKind.Container;

    private int _interrupts;

    /// <summary>The kernel behind an id; the newest when it was restarted.</summary>
    public FakeKernel KernelOf(string kernelId) => _running[kernelId].Kernel;

    public virtual Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        progress?.Report(new SpawnProgress(50, "A fake kernel is being made."));
        FakeKernel kernel = FakeKernel.Start(Options);
        ConnectionInfo at = kernel.Connection;
        SpawnedKernel spawned = new(
            request.KernelId, request.UserName, request.KernelSpecName, Guid.NewGuid().ToString("N"),
            new KernelEndpoint(at.Transport, at.Ip, at.ShellPort, at.ControlPort, at.IOPubPort, at.StdinPort, at.HeartbeatPort, at.Key),
            request.InterruptMode, Clock.GetUtcNow(), LabelsOf(request));
        _running[request.KernelId] = new Running(spawned, kernel);
        return Task.FromResult(spawned);
    }

    public Task<KernelExit?> PollAsync(SpawnedKernel kernel, CancellationToken cancellationToken) =>
        Task.FromResult(Find(kernel) is { Kernel.Died.IsCompleted: false } ? null : Exit);

    public virtual async Task<KernelExit> WaitAsync(SpawnedKernel kernel, CancellationToken cancellationToken)
    {
        if (Find(kernel) is { } running)
            await running.Kernel.Died.WaitAsync(cancellationToken);
        return Exit;
    }

    public Task InterruptAsync(SpawnedKernel kernel, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _interrupts);
        Find(kernel)?.Kernel.Interrupt();
        return Task.CompletedTask;
    }

    public async Task StopAsync(SpawnedKernel kernel, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (Find(kernel) is not { } running)
            return;
        _running.TryRemove(KeyValuePair.Create(kernel.KernelId, running));
        await running.Kernel.DisposeAsync();
    }

    public virtual Task<IReadOnlyList<SpawnedKernel>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SpawnedKernel>>([.. _running.Values.Where(running => !running.Kernel.Died.IsCompleted).Select(running => running.Spawned)]);

    public Task<string> ReadLogTailAsync(SpawnedKernel kernel, int maxBytes, CancellationToken cancellationToken) => Task.FromResult(Exit.LogTail);

    public async ValueTask DisposeAsync()
    {
        foreach (Running running in _running.Values)
            await running.Kernel.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>It says of every limit that it keeps it.</summary>
    private static Dictionary<string, string> LabelsOf(SpawnRequest request)
    {
        Dictionary<string, string> labels = new(request.Labels);
        if (request.Limits.MemoryBytes is { } bytes)
            labels[SpawnLabels.Memory] = bytes.ToString(CultureInfo.InvariantCulture);
        return labels;
    }

    private Running? Find(SpawnedKernel kernel) => _running.TryGetValue(kernel.KernelId, out Running? running) && running.Spawned.Handle == kernel.Handle ? running : null;

    private sealed record Running(SpawnedKernel Spawned, FakeKernel Kernel);
}
