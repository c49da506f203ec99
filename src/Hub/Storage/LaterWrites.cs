using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Hub.Storage;

/// <summary>
/// Writes that no request waits for and that may be lost, such as who was active when: so a database that is slow or away disturbs nobody who only
/// reads. One write of a key waits at a time; with the queue full a new one is dropped, and offered again by the next request.
/// </summary>
public sealed partial class LaterWrites(ILogger<LaterWrites> logger) : BackgroundService
{
    /// <summary>Writes that may wait.</summary>
    private const int QueueLength = 4096;

    private readonly ConcurrentDictionary<string, bool> _waiting = new();

    private readonly Channel<(string Key, Func<CancellationToken, Task> Write)> _queue =
        Channel.CreateBounded<(string, Func<CancellationToken, Task>)>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    /// <summary>Queues <paramref name="write"/>; false when one of the same key waits already or the queue is full.</summary>
    public bool Offer(string key, Func<CancellationToken, Task> write)
    {
        if (!_waiting.TryAdd(key, true))
            return false;
        if (_queue.Writer.TryWrite((key, write)))
            return true;
        _waiting.TryRemove(key, out _);
        return false;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach ((string key, Func<CancellationToken, Task> write) in _queue.Reader.ReadAllAsync(stoppingToken))
                await RunAsync(key, write);
        }
        catch (OperationCanceledException)
        {
            // The hub stops: what waits is written below.
        }
        finally
        {
            while (_queue.Reader.TryRead(out (string Key, Func<CancellationToken, Task> Write) last))
                await RunAsync(last.Key, last.Write);
        }
    }

    private async Task RunAsync(string key, Func<CancellationToken, Task> write)
    {
        _waiting.TryRemove(key, out _);
        try
        {
            await write(CancellationToken.None);
        }
        catch (Exception failure)
        {
            LogLost(failure, key);
        }
    }

    [LoggerMessage(202, LogLevel.Debug, "A note of {Key} was lost")]
    private partial void LogLost(Exception failure, string key);
}
