using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Spawner.Docker;

/// <summary>
/// One event stream for all containers of the hub: each death is known the moment the engine says it. The engine's memory of
/// events is short and ends with the engine, so after every (re)connection the containers are listed and compared.
/// </summary>
internal sealed partial class ContainerWatch(EngineCalls engine, SpawnSite site, TimeSpan requestTimeout, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>An oom event this much before the end is taken for its cause.</summary>
    private const long OutOfMemoryWindowNanoseconds = 5_000_000_000;

    /// <summary>
    /// How far back the engine is asked to repeat. It answers before it listens to itself, so without a look back what happens
    /// between the two would be neither in the list nor in the stream. Hearing something twice does no harm.
    /// </summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(2);

    private static readonly string[] ContainersOnly = ["container"];
    private static readonly string[] Ends = ["die", "oom", "destroy"];

    private readonly ConcurrentDictionary<string, Watched> _watched = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private Task? _loop;
    private volatile bool _live;

    /// <summary>When the last stream ended; null before the first. Written and read by the loop alone, as is the next.</summary>
    private DateTimeOffset? _lostAt;

    private bool _keepsContainers = true;

    private string HubLabel => $"{SpawnLabels.Hub}={site.HubId}";

    /// <summary>
    /// Whether a container runs as far as anybody can know without asking: it was seen running after it was watched, the engine is
    /// being heard right now, and nothing was heard of its end.
    /// </summary>
    public bool IsKnownAlive(string container) =>
        _live && _watched.TryGetValue(container, out Watched? watched) && watched.SeenRunning && !watched.Death.Task.IsCompleted;

    /// <summary>Says that a container watched before was found running.</summary>
    public void SawRunning(string container)
    {
        if (_watched.TryGetValue(container, out Watched? watched)) watched.SeenRunning = true;
    }

    /// <summary>Watches a container from now on. The task ends with its death; it stays open while the engine is away.</summary>
    public Task<ContainerDeath> DeathOf(string container)
    {
        lock (_lock) _loop ??= Task.Run(LoopAsync);
        return _watched.GetOrAdd(container, _ => new Watched()).Death.Task;
    }

    /// <summary>Everything watched now.</summary>
    public IReadOnlyCollection<string> Watching => [.. _watched.Keys];

    /// <summary>
    /// A list of the hub's containers, asked for by somebody else: who has ended in it without an event having said so is believed
    /// ended when a second list says the same. The event tells more, and may be on its way.
    /// </summary>
    /// <param name="watched">What was watched before the list was asked for.</param>
    public void Compare(IReadOnlyCollection<string> watched, IReadOnlyList<EngineAnswers.Listed> listed)
    {
        foreach (Watched one in Ended(watched, listed))
        {
            if (one.SeenEnded) one.Death.TrySetResult(new ContainerDeath(null));
            one.SeenEnded = true;
        }
    }

    /// <summary>For a container that is gone; whoever still waits for its death is told.</summary>
    public void Forget(string container)
    {
        if (_watched.TryRemove(container, out Watched? watched)) watched.Death.TrySetResult(new ContainerDeath(null));
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Task? loop;
        lock (_lock) loop = _loop;
        if (loop is not null) await loop;
        _ending.Dispose();
    }

    private async Task LoopAsync()
    {
        TimeSpan retry = FirstRetry;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() => retry = FirstRetry, _ending.Token);
                LogStreamEnded("the engine closed it");
            }
            catch (OperationCanceledException)
            {
                continue;
            }
            catch (EngineException e)
            {
                LogStreamEnded(e.Message);
            }
            catch (Exception e) when (EngineClient.IsBroken(e))
            {
                LogStreamEnded(e.Message);
            }
            finally
            {
                if (_live) _lostAt = time.GetUtcNow();
                _live = false;
            }
            await Task.Delay(retry, time, _ending.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            retry = retry * 2 < LastRetry ? retry * 2 : LastRetry;
        }
    }

    private async Task ListenAsync(Action connected, CancellationToken cancellationToken)
    {
        string filters = Uri.EscapeDataString(JsonSerializer.Serialize(new { type = ContainersOnly, label = new[] { HubLabel }, @event = Ends }));
        long since = (time.GetUtcNow() - LookBack).ToUnixTimeSeconds();
        using HttpResponseMessage answer = await engine.Client.OpenAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/events?since={since}&filters={filters}"), () => null, requestTimeout, cancellationToken);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        _keepsContainers = await engine.KeepsContainersAsync(cancellationToken);
        await ResyncAsync(cancellationToken);
        connected();
        _live = true;
        await foreach (EngineAnswers.Event? happened in JsonSerializer.DeserializeAsyncEnumerable<EngineAnswers.Event>(stream, topLevelValues: true, cancellationToken: cancellationToken))
        {
            if (happened?.Actor?.ID is { } container && _watched.TryGetValue(container, out Watched? watched)) await ApplyAsync(happened, watched, cancellationToken);
        }
    }

    private async Task ApplyAsync(EngineAnswers.Event happened, Watched watched, CancellationToken cancellationToken)
    {
        switch (happened.Action)
        {
            case "oom":
                watched.OutOfMemoryAt = happened.timeNano;
                break;
            case "die":
                bool leaves = !_keepsContainers && !await engine.Client.TakesConnectionsAsync(cancellationToken);
                watched.Death.TrySetResult(new ContainerDeath(watched.OutOfMemoryAt is { } at && happened.timeNano - at < OutOfMemoryWindowNanoseconds, leaves ? time.GetUtcNow() : null));
                break;
            case "destroy":
                watched.Death.TrySetResult(new ContainerDeath(null));
                break;
            default:
                break;
        }
    }

    private async Task ResyncAsync(CancellationToken cancellationToken)
    {
        // Taken before the list: what is watched later is younger than the list and not in it.
        IReadOnlyCollection<string> watched = Watching;
        foreach (Watched one in Ended(watched, await engine.ListAsync(HubLabel, cancellationToken))) one.Death.TrySetResult(new ContainerDeath(null, _keepsContainers ? null : _lostAt));
    }

    private IEnumerable<Watched> Ended(IReadOnlyCollection<string> watched, IReadOnlyList<EngineAnswers.Listed> listed)
    {
        Dictionary<string, EngineAnswers.Listed> there = listed.Where(one => one.Id is not null).ToDictionary(one => one.Id!);
        foreach (string container in watched)
        {
            if ((!there.TryGetValue(container, out EngineAnswers.Listed? found) || found.State is "exited" or "dead") && _watched.TryGetValue(container, out Watched? one)) yield return one;
        }
    }

    private sealed class Watched
    {
        public TaskCompletionSource<ContainerDeath> Death { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool SeenRunning { get; set; }

        public bool SeenEnded { get; set; }

        /// <summary>Written and read by the loop alone.</summary>
        public long? OutOfMemoryAt { get; set; }
    }

    [LoggerMessage(2010, LogLevel.Warning, "The stream of the Docker engine's events ended ({Reason}); listening again")]
    private partial void LogStreamEnded(string reason);
}
