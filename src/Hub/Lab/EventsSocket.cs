using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Hub.Events;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Lab;

/// <summary>
/// <c>api/events/subscribe</c>: tells a page what happens to its user's kernels and in their class. A page that reads too slowly loses the oldest events (the queue of
/// <see cref="EventReader"/> is bounded); it loses no truth, since the kernels' states are asked for elsewhere.
/// </summary>
internal sealed partial class EventsSocket(
    EventStream events, IHostApplicationLifetime lifetime, IOptions<LabOptions> options, ILogger<EventsSocket> logger)
{
    /// <summary>Close code "going away": JupyterLab connects again by itself, with back-off.</summary>
    private const WebSocketCloseStatus GoingAway = WebSocketCloseStatus.EndpointUnavailable;

    private const int MaxSchemaId = 200;

    /// <summary>How long a page may take to answer the close of its socket.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, int> _open = new(StringComparer.Ordinal);

    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/api/events/subscribe", (EventsSocket socket, HttpContext context, string user) => socket.SubscribeAsync(context, user));
        userServer.MapPost("/api/events", EmitAsync);
    }

    private async Task SubscribeAsync(HttpContext context, string user)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await ErrorAnswer.WriteAsync(context, StatusCodes.Status400BadRequest, "Events are told over a WebSocket.");
            return;
        }
        if (_open.AddOrUpdate(user, 1, (_, count) => count + 1) > options.Value.MaxEventSockets)
        {
            Leave(user);
            await ErrorAnswer.WriteAsync(
                context, StatusCodes.Status429TooManyRequests, $"There are already Lab:MaxEventSockets ({options.Value.MaxEventSockets}) event sockets open for {user}.");
            return;
        }
        try
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            await ServeAsync(socket, context.Server(), context);
        }
        finally
        {
            Leave(user);
        }
    }

    /// <summary>Ends when the page closes, the request is broken off because the right to listen ended, the server is stopped, or the hub stops.</summary>
    private async Task ServeAsync(WebSocket socket, ServerKey server, HttpContext context)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using EventReader reader = events.Subscribe(happened =>
            KernelNewsCodec.IsNewsFor(happened, server) || (happened is HubEvent.ServerStopped && KernelNewsCodec.Concerns(happened, server)));
        // A WebSocket whose reading is cancelled is broken off; so the listener has a token of its own, cancelled once the farewell is said.
        using CancellationTokenSource broken = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Task listening = ListenAsync(socket, over, broken.Token);
        try
        {
            await foreach (HubEvent happened in reader.ReadAllAsync(over.Token))
            {
                if (happened is HubEvent.ServerStopped)
                    break;
                if (KernelNewsCodec.Encode(happened) is { } frame)
                    await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, broken.Token);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // One of the ends named above.
        }
        finally
        {
            if (reader.Missed > 0)
                LogMissed(reader.Missed, server.UserName);
            broken.CancelAfter(Farewell);
            await CloseAsync(socket, broken.Token);
            await listening;
        }
    }

    /// <summary>Pages send nothing; reading is how their leaving is noticed. Whatever they send is dropped.</summary>
    private static async Task ListenAsync(WebSocket socket, CancellationTokenSource over, CancellationToken broken)
    {
        byte[] dropped = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(dropped.AsMemory(), broken)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // Left without a word.
        }
        await over.CancelAsync();
    }

    private static async Task CloseAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(
                    socket.State == WebSocketState.CloseReceived ? WebSocketCloseStatus.NormalClosure : GoingAway, null, cancellationToken);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            // Nobody hears it.
        }
    }

    /// <summary>Publishing by clients: no schema is open to them, so a well-formed event is refused by name.</summary>
    private static async Task<IResult> EmitAsync(HttpContext context, string user)
    {
        JsonObject? body = await context.ReadJsonObjectAsync(context.RequestAborted);
        foreach (string field in new[] { "schema_id", "version" })
        {
            if (body?[field] is not JsonValue value || !value.TryGetValue(out string? text) || text.Length > MaxSchemaId)
                return ApiError.Server(StatusCodes.Status400BadRequest, $"An event has '{field}', a string of at most {MaxSchemaId} characters.");
        }
        return ApiError.Server(StatusCodes.Status400BadRequest, $"No event schema '{body!["schema_id"]}' is open to clients of {user}'s server.");
    }

    /// <summary>Counts down; the last one takes the user's entry along, so that the table does not grow with everybody who ever came.</summary>
    private void Leave(string user)
    {
        while (_open.TryGetValue(user, out int count))
        {
            if (count <= 1 ? _open.TryRemove(KeyValuePair.Create(user, count)) : _open.TryUpdate(user, count - 1, count))
                return;
        }
    }

    [LoggerMessage(1703, LogLevel.Debug, "{Missed} events were lost on a slow page of {User}")]
    private partial void LogMissed(long missed, string user);
}
