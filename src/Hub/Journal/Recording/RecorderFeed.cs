namespace Hub.Journal.Recording;

/// <summary>What a recorder has of a kernel, from one message on, and then what it hears. Dispose it when the own subscription has caught up.</summary>
public sealed class RecorderFeed : IAsyncDisposable
{
    private readonly RecorderConnection? _connection;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;

    // One for all parts of a catch-up, set anew for each that has to be waited for.
    private CancellationTokenSource? _waiting;
    private bool _isLive;

    /// <param name="beginning">Whether it begins where it was asked to.</param>
    /// <param name="connection">To the recorder; null when there is none.</param>
    /// <param name="patience">As long a recorder may take for the next part of what it has; afterwards nobody knows when the kernel speaks again.</param>
    /// <param name="time">Measures it.</param>
    internal RecorderFeed(FeedBeginning beginning, RecorderConnection? connection, TimeSpan patience, TimeProvider time) =>
        (Beginning, _connection, _patience, _time) = (beginning, connection, patience, time);

    public FeedBeginning Beginning { get; }

    /// <summary>The next part of it, waiting until there is one; null at the end: the recorder is gone, does not answer, or never was there.</summary>
    public async ValueTask<RecorderPart?> NextAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
            return null;
        if (_isLive)
            return await ReadAsync(_connection, cancellationToken);
        _waiting ??= new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        ValueTask<RecorderPart?> reading = ReadAsync(_connection, _waiting.Token);
        if (!reading.IsCompleted)
        {
            _waiting.CancelAfter(_patience);
            await using CancellationTokenRegistration given = cancellationToken.UnsafeRegister(static waiting => ((CancellationTokenSource)waiting!).Cancel(), _waiting);
            try
            {
                return Take(await reading);
            }
            catch (OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return null;
            }
            finally
            {
                _waiting.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Take(await reading);
    }

    private RecorderPart? Take(RecorderPart? part)
    {
        _isLive = part is { IsLive: true };
        return part;
    }

    private static async ValueTask<RecorderPart?> ReadAsync(RecorderConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.ReadAsync(cancellationToken) switch
            {
                (RecorderVerb.FeedMessage, var body) when RecorderFrameCodec.ReadMessage(body) is { } frames => new RecorderPart(frames, 0),
                (RecorderVerb.FeedDropped, var body) when RecorderFrameCodec.ReadNumber(body.Span, 8) is { } dropped => new RecorderPart(null, (long)dropped),
                (RecorderVerb.FeedLive, _) => new RecorderPart(null, 0),
                _ => null,
            };
        }
        catch (Exception gone) when (gone is IOException or System.Net.Sockets.SocketException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting?.Dispose();
        if (_connection is not null)
            await _connection.DisposeAsync();
    }
}
