namespace Hub.Journal.Recording;

/// <summary>What a recorder has of a kernel, from one message on, and then what it hears. Dispose it when the own subscription has caught up.</summary>
public sealed class RecorderFeed : IAsyncDisposable
{
    private readonly RecorderConnection? _connection;

    internal RecorderFeed(FeedBeginning beginning, RecorderConnection? connection) => (Beginning, _connection) = (beginning, connection);

    public FeedBeginning Beginning { get; }

    /// <summary>The next part of it, waiting until there is one; null at the end: the recorder is gone, or never was there.</summary>
    public async ValueTask<RecorderPart?> NextAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
            return null;
        try
        {
            return await _connection.ReadAsync(cancellationToken) switch
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
        if (_connection is not null)
            await _connection.DisposeAsync();
    }
}
