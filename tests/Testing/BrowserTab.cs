using System.Net.WebSockets;
using System.Text.Json;
using Wire.Jupyter;

namespace Testing;

/// <summary>
/// A tab's connection to a kernel as a real WebSocket client makes it, in either framing. Everything it was sent is kept in order; waiting
/// for something looks at what came already, too.
/// </summary>
public sealed class BrowserTab : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly Lock _lock = new();
    private readonly List<KernelMessage> _messages = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;
    private readonly CancellationTokenSource _over = new();
    private readonly bool _v1;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;

    private BrowserTab(string session, bool v1) => (Session, _v1) = (session, v1);

    /// <summary><c>session_id</c> and <c>header.session</c> of its requests.</summary>
    public string Session { get; }

    /// <summary>Close code of the hub once <see cref="Closed"/> has completed; null when the connection just broke.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    public string? CloseText => _socket.CloseStatusDescription;

    public string? SubProtocol => _socket.SubProtocol;

    /// <summary>Completes when the connection is over.</summary>
    public Task Closed => Eventually.Comes(_closed.Task, "the end of the connection");

    /// <summary>What came so far.</summary>
    public IReadOnlyList<KernelMessage> Messages
    {
        get
        {
            lock (_lock)
                return [.. _messages];
        }
    }

    /// <summary>Connects as JupyterLab does; <paramref name="read"/> false stalls: nothing is ever read.</summary>
    /// <param name="seq">The number it has everything up to; 0 asks for numbers, null for none.</param>
    /// <param name="channels">URL of <c>…/channels</c>, http or ws.</param>
    /// <exception cref="WebSocketException">The upgrade was refused.</exception>
    public static async Task<BrowserTab> OpenAsync(Uri channels, string? token, string? session = null, bool v1 = true, bool read = true, Action<ClientWebSocketOptions>? set = null, long? seq = null)
    {
        BrowserTab tab = new(session ?? Guid.NewGuid().ToString(), v1);
        if (v1)
            tab._socket.Options.AddSubProtocol(WebSocketV1Codec.SubProtocol);
        if (token is not null)
            tab._socket.Options.SetRequestHeader("Authorization", $"token {token}");
        set?.Invoke(tab._socket.Options);
        UriBuilder url = new(channels) { Scheme = channels.Scheme is "https" or "wss" ? "wss" : "ws", Query = $"session_id={Uri.EscapeDataString(tab.Session)}{(seq is null ? "" : $"&seq={seq}")}" };
        using CancellationTokenSource patience = new(Eventually.Timeout, TimeProvider.System);
        await tab._socket.ConnectAsync(url.Uri, patience.Token);
        if (read)
            tab._reading = Task.Run(tab.ReadAsync);
        return tab;
    }

    /// <summary>Begins to read after all.</summary>
    public void Resume() => _reading = Task.Run(ReadAsync);

    /// <summary>Sends a request and returns its msg_id.</summary>
    public async Task<string> SendAsync(KernelChannel channel, string type, object content, KernelMessage? parent = null, string? messageId = null, string? subshell = null)
    {
        messageId ??= Guid.NewGuid().ToString();
        KernelMessage message = KernelMessage.Create(channel, type, JsonSerializer.SerializeToUtf8Bytes(content), Session, TimeProvider.System, parent, messageId, userName: "");
        if (subshell is not null)
        {
            Dictionary<string, JsonElement> header = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(message.Header.Span)!;
            header["subshell_id"] = JsonSerializer.SerializeToElement(subshell);
            message = new KernelMessage { Channel = channel, Header = JsonSerializer.SerializeToUtf8Bytes(header), ParentHeader = message.ParentHeader, Metadata = message.Metadata, Content = message.Content };
        }

        await SendAsync(message);
        return messageId;
    }

    public Task SendAsync(KernelMessage message) => _v1
        ? SendRawAsync(WebSocketV1Codec.Encode(message), isText: false)
        : SendRawAsync(WebSocketJsonCodec.Encode(message), WebSocketJsonCodec.IsText(message));

    /// <summary>Sends any bytes as one frame.</summary>
    public Task SendRawAsync(ReadOnlyMemory<byte> frame, bool isText) =>
        _socket.SendAsync(frame, isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).AsTask();

    /// <summary>Sends code to run; returns the msg_id.</summary>
    public Task<string> RunAsync(string code, bool allowStdin = true, bool silent = false) =>
        SendAsync(KernelChannel.Shell, MessageTypes.ExecuteRequest, new { code, silent, store_history = true, user_expressions = new { }, allow_stdin = allowStdin, stop_on_error = true });

    /// <summary>Runs code and waits for its reply and its idle; returns what came of it, in order.</summary>
    public async Task<IReadOnlyList<KernelMessage>> RunToEndAsync(string code, bool allowStdin = true)
    {
        string id = await RunAsync(code, allowStdin);
        await DoneAsync(id);
        return Of(id);
    }

    /// <summary>Waits for reply and idle of a request, as a front end's future does.</summary>
    public async Task DoneAsync(string messageId)
    {
        await NextAsync(m => m.ParentMessageId == messageId && m.Channel is KernelChannel.Shell or KernelChannel.Control);
        await NextAsync(m => m.ParentMessageId == messageId && IsStatus(m, "idle"));
    }

    /// <summary>What came so far for one request.</summary>
    public IReadOnlyList<KernelMessage> Of(string messageId) => [.. Messages.Where(m => m.ParentMessageId == messageId)];

    /// <summary>All text on stdout and stderr of what came for one request.</summary>
    public string TextOf(string messageId) =>
        string.Concat(Of(messageId).Where(m => m.MessageType == MessageTypes.Stream).Select(m => Content(m).GetProperty("text").GetString()));

    /// <summary>The first message, past or to come, that is wanted.</summary>
    public async Task<KernelMessage> NextAsync(Func<KernelMessage, bool> wanted, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(wanted))] string what = "")
    {
        int seen = 0;
        while (true)
        {
            Task more;
            lock (_lock)
            {
                for (; seen < _messages.Count; seen++)
                {
                    if (wanted(_messages[seen]))
                        return _messages[seen];
                }

                more = _more.Task;
            }

            if (_closed.Task.IsCompleted && more == _more.Task)
                throw new InvalidOperationException($"The connection ended ({CloseCode} {CloseText}) before this came: {what}");
            await Eventually.Comes(Task.WhenAny(more, _closed.Task), what);
        }
    }

    /// <summary>The highest number so far, which a page puts into the URL when it comes back.</summary>
    public long LastSeq => Messages.Select(SeqOf).DefaultIfEmpty(0).Max();

    /// <summary><c>hub_seq</c> of a message; 0 when it has none.</summary>
    public static long SeqOf(KernelMessage message) =>
        JsonDocument.Parse(message.Metadata).RootElement.TryGetProperty("hub_seq", out JsonElement seq) ? seq.GetInt64() : 0;

    public static JsonElement Content(KernelMessage message) => JsonDocument.Parse(message.Content).RootElement;

    public static bool IsStatus(KernelMessage message, string state) =>
        message.Channel == KernelChannel.IOPub && message.MessageType == MessageTypes.Status && Content(message).GetProperty("execution_state").GetString() == state;

    /// <summary>Leaves as a closed page does.</summary>
    public async Task CloseAsync()
    {
        if (_socket.State == WebSocketState.Open)
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await Closed;
    }

    /// <summary>Vanishes as a lost network does.</summary>
    public void Abort()
    {
        _socket.Abort();
        _closed.TrySetResult();
    }

    /// <summary>The page is closed; again does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _over.CancelAsync();
        _socket.Abort();
        await _reading;
        _socket.Dispose();
        _over.Dispose();
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                using MemoryStream frame = new();
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(), _over.Token);
                    if (part.MessageType == WebSocketMessageType.Close)
                    {
                        if (_socket.State == WebSocketState.CloseReceived)
                            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                        return;
                    }

                    frame.Write(buffer.AsSpan(0, part.Count));
                }
                while (!part.EndOfMessage);
                Keep(frame.ToArray(), part.MessageType == WebSocketMessageType.Text);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection broke.
        }
        finally
        {
            _closed.TrySetResult();
        }
    }

    private void Keep(byte[] frame, bool isText)
    {
        KernelMessage message = _v1 ? WebSocketV1Codec.Decode(frame) : WebSocketJsonCodec.Decode(frame, isText);
        TaskCompletionSource more;
        lock (_lock)
        {
            _messages.Add(message);
            more = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.TrySetResult();
    }
}
