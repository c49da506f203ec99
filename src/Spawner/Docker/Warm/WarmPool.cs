using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Spawner.Posix;

namespace Spawner.Docker.Warm;

/// <summary>
/// Containers made ahead of need. Each is one future kernel's own, with a user id nobody else has, no home, no network and an interpreter that waits with its imports
/// done; it is handed to one person, once, and never comes back. What a former hub left of it is found by its label and swept.
/// </summary>
internal sealed partial class WarmPool(EngineCalls engine, ContainerWatch watch, WarmPlaces places, SpawnSite site, DockerOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int UserIds = 100_000_000;

    /// <summary>Removed at the same moment when the hub ends.</summary>
    private const int RemovedAtOnce = 4;

    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromMinutes(10);

    /// <summary>What the engine has not removed by then at the hub's end, the next hub sweeps.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private static readonly string s_script = ReadScript();

    private readonly Lock _lock = new();

    /// <summary>In the order they were made; also those just being made, handed over or removed.</summary>
    private readonly List<WarmSlot> _held = [];

    /// <summary>By shape and image, when one may be made again, and how long to wait after the next failure. For the caller of <see cref="TendAsync"/> alone.</summary>
    private readonly Dictionary<(string, string), (DateTimeOffset Until, TimeSpan Next)> _failed = [];

    private readonly HashSet<string> _named = [];
    private readonly SemaphoreSlim _tending = new(1);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Whether a slot is in the hands of this process: then nobody may sweep it.</summary>
    public bool Holds(string slot)
    {
        lock (_lock) return _held.Exists(one => one.Id == slot);
    }

    /// <summary>How many wait for somebody.</summary>
    public int Ready
    {
        get
        {
            lock (_lock) return _held.Count(one => one.IsReady);
        }
    }

    /// <summary>Takes the oldest that fits, or null. Whoever takes one hands it over and calls <see cref="Release"/>, or calls <see cref="DiscardAsync"/>.</summary>
    public WarmSlot? Take(string shape, string imageId)
    {
        lock (_lock)
        {
            WarmSlot? slot = _held.Find(one => one.IsReady && one.Shape == shape && one.ImageId == imageId && one.Death is { IsCompleted: false });
            if (slot is not null) slot.IsReady = false;
            return slot;
        }
    }

    /// <summary>It is a kernel now, and everybody's who knows its record.</summary>
    public void Release(WarmSlot slot)
    {
        lock (_lock) _held.Remove(slot);
    }

    /// <summary>Removes a slot with all that belongs to it.</summary>
    /// <exception cref="EngineException">The engine does not answer; the next list of this spawner's kernels sweeps it.</exception>
    public async Task DiscardAsync(WarmSlot slot)
    {
        lock (_lock) slot.IsReady = false;
        try
        {
            await SweepAsync(slot.Id, slot.Container.Length > 0 ? slot.Container : slot.Plan.Name);
        }
        finally
        {
            Release(slot);
        }
    }

    /// <summary>Removes what there is of a slot: container, volume, mounts, directories, record, in that order.</summary>
    public async Task SweepAsync(string slot, string? container)
    {
        container ??= places.NameOf(slot);
        await engine.RemoveFullyAsync(container, time, CancellationToken.None);
        watch.Forget(container);
        await RemoveRemainsAsync(slot);
    }

    /// <summary>The same when the container is gone.</summary>
    public async Task RemoveRemainsAsync(string slot)
    {
        try
        {
            places.Remove(slot);
            await engine.RemoveVolumeAsync(places.NameOf(slot), CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EngineException { Status: 409 or 500 })
        {
            LogRemains(logger, e, slot);
        }
    }

    /// <inheritdoc cref="IKernelWarmer.TendAsync"/>
    public async Task<bool> TendAsync(IReadOnlyList<WarmEnvironment> wanted, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        await _tending.WaitAsync(either.Token);
        try
        {
            Dictionary<(string Shape, string ImageId), ContainerPlan> plans = [];
            List<WarmWish> wishes = [];
            foreach (WarmEnvironment environment in wanted.Where(one => one.Count > 0))
            {
                if (await WishAsync(environment, either.Token) is not (WarmWish wish, ContainerPlan plan)) continue;
                plans[(wish.Shape, wish.ImageId)] = plan;
                wishes.Add(wish);
            }
            if (Dead() is { } dead)
            {
                LogLost(logger, dead.Id);
                await DiscardAsync(dead);
                return true;
            }
            if (TakeSurplus(wishes) is { } surplus)
            {
                await DiscardAsync(surplus);
                return true;
            }
            if (WarmPolicy.Missing(wishes, Counted()) is not { } missing) return false;
            await MakeAsync(missing, plans[(missing.Shape, missing.ImageId)], either.Token);
            return true;
        }
        catch (EngineException silent)
        {
            // The engine is away: kernels are not started either, which says so.
            LogSilent(logger, silent.Message);
            return false;
        }
        finally
        {
            _tending.Release();
        }
    }

    /// <summary>Removes all that is ready: it is nobody's. Not what is just being handed over, whose start has an end of its own.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _tending.WaitAsync();
        List<WarmSlot> ready;
        lock (_lock)
        {
            ready = _held.FindAll(one => one.IsReady);
            foreach (WarmSlot slot in ready) slot.IsReady = false;
        }
        using CancellationTokenSource limit = new(s_patience, time);
        try
        {
            await Parallel.ForEachAsync(ready, new ParallelOptions { MaxDegreeOfParallelism = RemovedAtOnce, CancellationToken = limit.Token },
                async (slot, _) => await DiscardAsync(slot));
        }
        catch (Exception e) when (e is EngineException or OperationCanceledException)
        {
            LogLeft(logger, e.Message);
        }
        _tending.Dispose();
        _ending.Dispose();
    }

    /// <summary>Why containers for this template cannot be made ahead; null when they can.</summary>
    public string? FindProblem(SpawnRequest template) =>
        template.Image is { Length: > 0 } image ? WarmPlan.Problem(PlanOf(template, image)) : "it names no image";

    private ContainerPlan PlanOf(SpawnRequest template, string image) =>
        ContainerPlan.For(template, options, site, image, null, (options.PoolFirstUserId, options.PoolFirstUserId), time.GetUtcNow());

    private async Task<(WarmWish, ContainerPlan)?> WishAsync(WarmEnvironment environment, CancellationToken cancellationToken)
    {
        SpawnRequest template = environment.Template;
        if (template.Image is not { Length: > 0 } image) return null;
        ContainerPlan plan = PlanOf(template, image);
        if (WarmPlan.Problem(plan) is { } problem)
        {
            if (_named.Add(template.KernelSpecName)) LogUnfit(logger, template.KernelSpecName, problem);
            return null;
        }
        // An image that is missing is being made; its preparation tells of failures.
        if ((await engine.FindImageAsync(image, cancellationToken))?.Id is not { } imageId) return null;
        string shape = WarmPlan.ShapeOf(plan, options.PoolModules);
        bool mayMake = !_failed.TryGetValue((shape, imageId), out (DateTimeOffset Until, TimeSpan Next) failed) || time.GetUtcNow() >= failed.Until;
        return (new WarmWish(shape, imageId, environment.Count, mayMake), plan);
    }

    private WarmSlot? Dead()
    {
        lock (_lock) return _held.Find(one => one.IsReady && one.Death is { IsCompleted: true });
    }

    private WarmSlot? TakeSurplus(IReadOnlyList<WarmWish> wishes)
    {
        lock (_lock)
        {
            string? id = WarmPolicy.Surplus(wishes, Counted());
            WarmSlot? slot = _held.Find(one => one.Id == id);
            if (slot is not null) slot.IsReady = false;
            return slot;
        }
    }

    /// <summary>Those that are ready; what is being handed over is no longer counted, so that it is replaced.</summary>
    private (string, string, string)[] Counted()
    {
        lock (_lock) return [.. _held.Where(one => one.IsReady).Select(one => (one.Id, one.Shape, one.ImageId))];
    }

    private async Task MakeAsync(WarmWish wish, ContainerPlan template, CancellationToken cancellationToken)
    {
        string id = RandomNumberGenerator.GetHexString(11, lowercase: true);
        int user = options.PoolFirstUserId + RandomNumberGenerator.GetInt32(UserIds);
        ContainerPlan plan = WarmPlan.For(template, id, places.NameOf(id), user, site.HubId, places.HomesOf(id), s_script, options.PoolModules);
        WarmSlot slot = new(id, plan, user, wish.Shape, wish.ImageId);
        lock (_lock) _held.Add(slot);
        bool made = false;
        try
        {
            await MakeAsync(slot, cancellationToken);
            made = true;
            _failed.Remove((wish.Shape, wish.ImageId));
            lock (_lock) slot.IsReady = true;
            LogReady(logger, id, plan.Body.Image);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EngineException { IsUnavailable: false })
        {
            TimeSpan wait = _failed.TryGetValue((wish.Shape, wish.ImageId), out (DateTimeOffset Until, TimeSpan Next) failed) ? failed.Next : s_firstRetry;
            _failed[(wish.Shape, wish.ImageId)] = (time.GetUtcNow() + wait, wait * 2 < s_lastRetry ? wait * 2 : s_lastRetry);
            LogNotMade(logger, plan.Body.Image, e.Message, (int)wait.TotalSeconds);
        }
        finally
        {
            if (!made) await DiscardAsync(slot);
        }
    }

    private async Task MakeAsync(WarmSlot slot, CancellationToken cancellationToken)
    {
        places.Make(slot.Id);
        slot.Channels = await engine.CreateVolumeAsync(slot.Plan.Volume!, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        slot.Container = await engine.CreateContainerAsync(slot.Plan.Name, slot.Plan.Body, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        slot.Death = watch.DeathOf(slot.Container);
        await engine.StartAsync(slot.Container, CancellationToken.None);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(options.StartTimeoutSeconds), time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using SharedDirectory shared = SharedDirectory.Open(slot.Channels);
        if (shared.Owner != slot.UserId)
            throw new IOException($"{slot.Channels} is not the volume of the container; the hub and the Docker engine must see the same file systems");
        try
        {
            while (!shared.HoldsPipe(WarmPlan.Bell, slot.UserId))
            {
                if (slot.Death.IsCompleted) throw new IOException("its interpreter ended while it imported");
                await Task.Delay(s_lookAgain, time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"its imports took more than {options.StartTimeoutSeconds} s (Docker:StartTimeoutSeconds)");
        }
        await engine.UpdateAsync(slot.Container, new LimitsBody { CpuShares = WarmPlan.OrdinaryShares }, CancellationToken.None);
    }

    private static string ReadScript()
    {
        using Stream stream = typeof(WarmPool).Assembly.GetManifestResourceStream("warm.py") ?? throw new InvalidOperationException("warm.py is missing from the assembly.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [LoggerMessage(2030, LogLevel.Debug, "Container {Slot} is ready for a kernel of {Image}")]
    private static partial void LogReady(ILogger logger, string slot, string image);

    [LoggerMessage(2031, LogLevel.Warning, "No container could be made ahead for {Image}: {Reason}; kernels start without one, and it is tried again in {Seconds} s")]
    private static partial void LogNotMade(ILogger logger, string image, string reason, int seconds);

    [LoggerMessage(2032, LogLevel.Warning, "Kernels of {KernelSpec} cannot be made ahead (Pool): {Reason}; they start as ever")]
    private static partial void LogUnfit(ILogger logger, string kernelSpec, string reason);

    [LoggerMessage(2033, LogLevel.Warning, "Container {Slot}, which was ready for a kernel, ended by itself; it is replaced")]
    private static partial void LogLost(ILogger logger, string slot);

    [LoggerMessage(2034, LogLevel.Debug, "The Docker engine does not answer, so no container is made ahead: {Reason}")]
    private static partial void LogSilent(ILogger logger, string reason);

    [LoggerMessage(2035, LogLevel.Warning, "The remains of container {Slot}, made ahead, could not be removed now; the next start of the hub tries again")]
    private static partial void LogRemains(ILogger logger, Exception exception, string slot);

    [LoggerMessage(2036, LogLevel.Warning, "Containers made ahead could not all be removed ({Reason}); the next start of the hub does it")]
    private static partial void LogLeft(ILogger logger, string reason);
}
