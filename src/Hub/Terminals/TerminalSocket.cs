using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Hub.Accounts;
using Hub.Http;
using Hub.Kernels;
using Microsoft.Extensions.Options;

namespace Hub.Terminals;

/// <summary>
/// The WebSocket of one tab at a terminal, in terminado's words (<see cref="TabFrameCodec"/>): 1. refuse with HTTP what can be refused, 2. upgrade, 3. show what the
/// terminal showed before, 4. pass on what is typed and show what comes, side by side, 5. close with a code that tells the front end whether to come back.
/// </summary>
internal sealed partial class TerminalSocket
{
    /// <summary>Of output in one frame: small enough that a key that stops a flood is felt at once.</summary>
    private const int PieceBytes = 16 * 1024;

    private static readonly CloseReason s_ended = new(1000, "the terminal has ended");

    private readonly TabStream _frames;
    private readonly LiveTerminal _terminal;
    private readonly TerminalTab _tab;
    private readonly TerminalsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private TerminalSocket(TabStream frames, LiveTerminal terminal, TerminalTab tab, TerminalsOptions options, TimeProvider time, ILogger logger) =>
        (_frames, _terminal, _tab, _options, _time, _logger) = (frames, terminal, tab, options, time, logger);

    /// <summary><c>GET terminals/websocket/{name}</c>.</summary>
    public static async Task AcceptAsync(
        HttpContext context, string terminal, TerminalRegistry terminals, TabPulse pulse, IOptions<TerminalsOptions> options, TimeProvider time, ILogger<TerminalSocket> logger)
    {
        if (terminals.Find(context.Server(), terminal) is not { } live)
        {
            await TerminalsApi.NotFound(terminals, terminal).ExecuteAsync(context);
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            await ApiError.Server(StatusCodes.Status400BadRequest, "This is a WebSocket: the request must ask for an upgrade.").ExecuteAsync(context);
            return;
        }

        if (live.TabCount >= options.Value.MaxTabsPerTerminal)
        {
            await ApiError.Server(StatusCodes.Status503ServiceUnavailable,
                $"The terminal has {live.TabCount} tabs, as many as {TerminalsOptions.Section}:{nameof(TerminalsOptions.MaxTabsPerTerminal)} allows. Close one and try again.").ExecuteAsync(context);
            return;
        }

        terminals.SocketOpens();
        try
        {
            await using TabStream frames = await TabUpgradeHandler.UpgradeAsync(context, null);
            using TerminalTab tab = new(context.GetCaller().ReadsOnly);
            pulse.Add(frames);
            try
            {
                await new TerminalSocket(frames, live, tab, options.Value, time, logger).RunAsync(context.RequestAborted);
            }
            finally
            {
                pulse.Remove(frames);
            }
        }
        finally
        {
            terminals.SocketIsClosed();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!_terminal.Join(_tab, out byte[] replay))
        {
            // Between the look above and here it ended, or the last place was taken.
            await TabFarewell.SayAsync(_frames.Socket, new CloseReason(1013, "the terminal is gone, or has as many tabs as Terminals:MaxTabsPerTerminal allows"), Task.CompletedTask, _time);
            return;
        }

        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _tab.Closing);
        // Who waits for more to show is woken, not cancelled.
        await using CancellationTokenRegistration woken = over.Token.Register(() => _tab.More.Wake(lendThread: false));
        Task reading = ReadAsync(over.Token);
        Task showing = ShowAsync(replay, over.Token);
        try
        {
            await Task.WhenAny(reading, showing);
            await over.CancelAsync();
            await showing;
        }
        finally
        {
            _terminal.Leave(_tab);
            await TabFarewell.SayAsync(_frames.Socket, _tab.Reason ?? new CloseReason(1000, ""), reading, _time);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            TabFrameReader frames = new(_frames.Socket, _options.MaxFrameBytes);
            // Not cancelled within a frame: that would cut the connection before its close frame.
            while (await frames.ReadAsync(CancellationToken.None) is var (frame, isText))
            {
                TabWish wish = isText ? TabFrameCodec.Decode(frame.Span) : new TabWish.Malformed("a frame must be text");
                if (wish is TabWish.Malformed malformed)
                {
                    LogMalformed(_logger, _terminal.Id, _terminal.Owner.UserName, malformed.Why);
                    _tab.Close(CloseReason.Malformed(malformed.Why));
                    return;
                }

                // Busy with what was typed is no fault of the tab.
                _frames.IsReaderBusy = true;
                await ActAsync(wish, cancellationToken);
                _frames.IsReaderBusy = false;
            }

            if (frames.IsTooLong)
                _tab.Close(new CloseReason(1009, $"a frame is longer than {TerminalsOptions.Section}:{nameof(TerminalsOptions.MaxFrameBytes)} ({_options.MaxFrameBytes})"));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The tab or its network went away: it may come back.
        }
    }

    private async ValueTask ActAsync(TabWish wish, CancellationToken cancellationToken)
    {
        if (_tab.ReadsOnly)
            return;
        if (wish is TabWish.Type type)
            await _terminal.TypeAsync(type.Text, cancellationToken);
        else if (wish is TabWish.Resize resize)
            await _terminal.ResizeAsync(_tab, resize.Size, cancellationToken);
    }

    private async Task ShowAsync(byte[] replay, CancellationToken cancellationToken)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            await SendAsync(TabFrameCodec.Setup, cancellationToken);
            await ShowTextAsync(replay, cancellationToken);
            if (_tab.ReadsOnly)
                await ShowTextAsync(Encoding.UTF8.GetBytes("\r\n[You look on: what you type here goes nowhere.]\r\n"), cancellationToken);
            _tab.Moves(_time.GetTimestamp());
            while (!cancellationToken.IsCancellationRequested)
            {
                bool isOver = _terminal.IsOver;
                if (await ShowPieceAsync(piece, isOver, cancellationToken))
                    continue;
                if (isOver)
                {
                    await SendAsync(TabFrameCodec.Disconnect, cancellationToken);
                    _tab.Close(s_ended);
                    return;
                }

                await _tab.More.WaitAsync();
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The tab or its network went away, or the hub wants the end.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Sends the next piece of output; false when there is none for now.</summary>
    private async ValueTask<bool> ShowPieceAsync(byte[] piece, bool isLast, CancellationToken cancellationToken)
    {
        long next = _tab.Next;
        (int copied, long skipped) = _terminal.Scrollback.Read(ref next, piece.AsSpan(0, PieceBytes));
        int begins = skipped > 0 ? ReplayText.FirstLine(piece.AsSpan(0, copied)) : 0;
        int length = isLast ? copied : Utf8Cut.WholeLength(piece.AsSpan(0, copied));
        if (skipped > 0)
            await SendAsync(TabFrameCodec.Stdout(ReplayText.Missed(skipped + Math.Min(begins, length))), cancellationToken);
        if (length > begins)
            await SendAsync(TabFrameCodec.Stdout(piece.AsSpan(begins..length)), cancellationToken);
        _tab.MoveTo(next - (copied - length), _time.GetTimestamp());
        return length > 0 || skipped > 0;
    }

    private async ValueTask ShowTextAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        while (!text.IsEmpty)
        {
            int length = Math.Min(text.Length, PieceBytes);
            if (length < text.Length && Utf8Cut.WholeLength(text.Span[..length]) is > 0 and var whole)
                length = whole;
            await SendAsync(TabFrameCodec.Stdout(text.Span[..length]), cancellationToken);
            text = text[length..];
        }
    }

    private async ValueTask SendAsync(byte[] frame, CancellationToken cancellationToken)
    {
        await _frames.BeginAsync(cancellationToken);
        try
        {
            if (frame.Length > TabStream.BlockBytes)
            {
                await _frames.WriteLongAsync([frame], isText: true, cancellationToken);
                return;
            }

            _frames.Write(frame, isText: true, more: 0);
            await _frames.FlushAsync(cancellationToken);
        }
        finally
        {
            _frames.End();
        }
    }

    [LoggerMessage(1520, LogLevel.Information, "A tab of {UserName} at terminal {TerminalId} sent a malformed frame and was closed: {What}")]
    private static partial void LogMalformed(ILogger logger, string terminalId, string userName, string what);
}
