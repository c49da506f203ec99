using System.Globalization;
using System.Net.WebSockets;
using Hub.Accounts;
using Hub.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// The WebSocket of one tab: 1. refuse with HTTP what can be refused (who may, and from which pages, is checked before it gets here), 2. wait until the kernel answers, 3. upgrade, 4. join, 5. read frames
/// and send what the backlog holds, side by side, 6. close with a code that tells the front end whether to come back. No decisions about
/// who hears what: those are <see cref="KernelState"/>'s.
/// </summary>
internal sealed partial class KernelSocket
{
    private const int BatchMessages = 256;
    private const long BatchBytes = 256 * 1024;

    private readonly WebSocket _socket;
    private readonly TabStream _frames;
    private readonly LiveKernel _kernel;
    private readonly KernelConnection _connection;
    private readonly KernelsOptions _options;
    private readonly TimeProvider _time;
    private readonly CellNotes _cells;
    private readonly ILogger _logger;
    private readonly MessageLimits _limits;

    private KernelSocket(TabStream frames, LiveKernel kernel, KernelConnection connection, CellNotes cells, KernelsOptions options, TimeProvider time, ILogger logger)
    {
        (_frames, _socket, _kernel, _connection) = (frames, frames.Socket, kernel, connection);
        (_cells, _options, _time, _logger) = (cells, options, time, logger);
        _limits = new MessageLimits { MaxMessageBytes = options.MaxFrameBytes };
    }

    /// <summary><c>GET api/kernels/{id}/channels</c>.</summary>
    public static async Task AcceptAsync(HttpContext context, string kernelId, KernelRegistry kernels, IOptions<KernelsOptions> options, IHostApplicationLifetime hub, TimeProvider time, ILogger<KernelSocket> logger)
    {
        if (kernels.Find(context.Server(), kernelId) is not { } kernel)
        {
            await KernelsApi.NotFound(kernelId).ExecuteAsync(context);
            return;
        }

        string clientId = context.Request.Query["session_id"].ToString();
        if (Refusal(context, clientId, out long? after) is var (status, why))
        {
            await ApiError.Server(status, why).ExecuteAsync(context);
            return;
        }

        if (!await IsSettledAsync(kernel, options.Value, time, context.RequestAborted, hub.ApplicationStopping))
        {
            await ApiError.Server(StatusCodes.Status503ServiceUnavailable, "The kernel is still starting, or the hub is stopping. Try again.").ExecuteAsync(context);
            return;
        }

        kernels.SocketOpens();
        try
        {
            await ServeAsync(context, kernel, clientId, after, options.Value, time, logger);
        }
        finally
        {
            kernels.SocketIsClosed();
        }
    }

    private static async Task ServeAsync(HttpContext context, LiveKernel kernel, string clientId, long? after, KernelsOptions options, TimeProvider time, ILogger logger)
    {
        // A page whose upgrade succeeded hears everything from here on, however long the rest takes.
        long begins = kernel.Journal.LastSequence;
        bool v1 = context.WebSockets.WebSocketRequestedProtocols.Contains(WebSocketV1Codec.SubProtocol);
        await using TabStream frames = await TabUpgradeHandler.UpgradeAsync(context, v1 ? WebSocketV1Codec.SubProtocol : null);
        TabPulse pulse = context.RequestServices.GetRequiredService<TabPulse>();
        pulse.Add(frames);
        using KernelConnection connection = new(
            new TabId(context.GetCaller().UserName, clientId.Length > 0 ? clientId : Guid.NewGuid().ToString()), v1 ? Framing.V1 : Framing.Json, after)
        {
            Begins = begins,
            DeadAfter = pulse.DeadAfter,
            ReadsOnly = context.GetCaller().ReadsOnly,
        };
        try
        {
            await new KernelSocket(frames, kernel, connection, context.RequestServices.GetRequiredService<CellNotes>(), options, time, logger).RunAsync(context.RequestAborted);
        }
        finally
        {
            pulse.Remove(frames);
        }
    }

    private static (int Status, string Why)? Refusal(HttpContext context, string clientId, out long? after)
    {
        after = null;
        if (!context.WebSockets.IsWebSocketRequest)
            return (StatusCodes.Status400BadRequest, "This is a WebSocket: the request must ask for an upgrade.");
        if (clientId.Length > MessageFacts.MaxIdLength)
            return (StatusCodes.Status400BadRequest, $"session_id has {clientId.Length} characters, more than {MessageFacts.MaxIdLength}.");
        if (!context.Request.Query.TryGetValue("seq", out StringValues wished))
            return null;
        if (!long.TryParse(wished.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return (StatusCodes.Status400BadRequest, "seq must be the number (hub_seq) of the last message that arrived, or 0.");
        after = number;
        return null;
    }

    private static async Task<bool> IsSettledAsync(LiveKernel kernel, KernelsOptions options, TimeProvider time, CancellationToken aborted, CancellationToken stopping)
    {
        using CancellationTokenSource nobodyWaits = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping);
        try
        {
            await kernel.WhenSettledAsync(nobodyWaits.Token).WaitAsync(options.StartTimeout, time, nobodyWaits.Token);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await _kernel.JoinAsync(_connection, cancellationToken))
        {
            // A kernel that was ended while the tab was connecting says what it says to the others.
            _connection.Close(_kernel.Closed ?? new CloseReason(1013, "the kernel is gone, or has as many tabs as Kernels:MaxTabsPerKernel allows"));
            await CloseAsync(Task.CompletedTask);
            return;
        }

        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _connection.Closing);
        Task reading = ReadAsync(cancellationToken);
        Task sending = SendAsync(over.Token);
        try
        {
            await Task.WhenAny(reading, sending);
            await over.CancelAsync();
            await sending;
        }
        finally
        {
            // It counts as connected until the close frame is out: a hub that ends waits for that.
            await CloseAsync(reading);
            await _kernel.LeaveAsync(_connection);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            TabFrameReader frames = new(_socket, _options.MaxFrameBytes);
            while (await frames.ReadAsync(cancellationToken) is var (frame, isText))
            {
                if (frame.IsEmpty)
                    throw new MessageFormatException("frame is empty");
                KernelMessage message = _connection.Framing == Framing.V1 && !isText
                    ? WebSocketV1Codec.Decode(frame, _limits)
                    : WebSocketJsonCodec.Decode(frame, isText, _limits);
                _frames.IsReaderBusy = true;
                await _kernel.AskAsync(_connection, message, cancellationToken);
                await _cells.NoteAsync(_kernel, _connection.Tab, message);
                _frames.IsReaderBusy = false;
            }

            if (frames.IsTooLong)
                _connection.Close(CloseReason.FrameTooLong(_options.MaxFrameBytes));
        }
        catch (MessageFormatException malformed)
        {
            LogMalformed(_logger, _kernel.Id, _connection.Tab.UserName, malformed.Message);
            _connection.Close(CloseReason.Malformed(malformed.Message));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The tab or its network went away: it may come back.
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        TabBacklog backlog = _connection.Backlog;
        List<TabMessage> batch = [];
        try
        {
            while (await backlog.TakeManyAsync(batch, BatchMessages, BatchBytes, cancellationToken))
            {
                await SendBatchAsync(batch, cancellationToken);
                backlog.Sent(batch[^1].Sequence);
                // What a failed batch holds is left to the garbage collector.
                foreach (TabMessage message in batch)
                    message.Release();
                _connection.Handed.Add(_time.GetElapsedTime(0), batch[^1].Sequence);
                batch.Clear();
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The tab or its network went away, or the hub wants the end: what was not sent is in the journal for the tab's return.
        }
    }

    /// <summary>Many messages to a write.</summary>
    private async ValueTask SendBatchAsync(List<TabMessage> batch, CancellationToken cancellationToken)
    {
        await _frames.BeginAsync(cancellationToken);
        try
        {
            long gathered = 0;
            long more = batch.Sum(message => message.Size);
            foreach (TabMessage message in batch)
            {
                more -= message.Size;
                gathered += await PutAsync(message, more, cancellationToken);
                if (gathered < TabStream.BlockBytes)
                    continue;
                await _frames.FlushAsync(cancellationToken);
                gathered = 0;
            }

            await _frames.FlushAsync(cancellationToken);
        }
        finally
        {
            _frames.End();
        }
    }

    /// <summary>Puts one message into the turn; returns about how many bytes it has.</summary>
    private async ValueTask<long> PutAsync(TabMessage message, long more, CancellationToken cancellationToken)
    {
        // What does not fit into any frame goes the way of the others and is told as the kernel's offence.
        if (_connection.Framing == Framing.V1 && message.Size < int.MaxValue / 2)
        {
            long sequence = _connection.IsNumbered ? message.Sequence : 0;
            int length = WebSocketV1Codec.Measure(message.Message, sequence);
            if (length > TabStream.BlockBytes)
            {
                await _frames.WriteLongAsync(WebSocketV1Codec.EncodePieces(message.Message, sequence), isText: false, cancellationToken);
                return length;
            }

            WebSocketV1Codec.Encode(message.Message, _frames.Frame(length, isText: false, more), sequence);
            return length;
        }

        (ReadOnlyMemory<byte> frame, bool isText) = Encode(message);
        if (frame.Length > TabStream.BlockBytes)
            await _frames.WriteLongAsync([frame], isText, cancellationToken);
        else if (!frame.IsEmpty)
            _frames.Write(frame.Span, isText, more);
        return frame.Length;
    }

    private (ReadOnlyMemory<byte> Frame, bool IsText) Encode(TabMessage message)
    {
        try
        {
            return message.Encode(_connection.Framing, _connection.IsNumbered);
        }
        catch (Exception e) when (e is MessageFormatException or OverflowException)
        {
            // The older framing splices JSON together, so a kernel's broken part would break the frame; the newer passes bytes on as they are.
            _kernel.Blame($"a part that is no JSON: {(e is OverflowException ? "message too long" : message.Message.Channel.WireName())}");
            return default;
        }
    }

    private Task CloseAsync(Task reading) => TabFarewell.SayAsync(_socket, _connection.Reason ?? new CloseReason(1000, ""), reading, _time);

    [LoggerMessage(1250, LogLevel.Information, "A tab of {UserName} on kernel {KernelId} sent a malformed frame and was closed: {What}")]
    private static partial void LogMalformed(ILogger logger, string kernelId, string userName, string what);
    // 1251 said that a tab was lost; none is any more.
}
