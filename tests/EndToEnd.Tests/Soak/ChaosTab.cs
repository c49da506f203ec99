using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Wire.Jupyter;

namespace EndToEnd.Tests.Soak;

/// <summary>
/// A page that stays one page whatever happens to its connection: it comes back by itself, each time with the number of the last message it
/// was given (<c>seq</c>), as our extension of JupyterLab does.
/// </summary>
internal sealed class ChaosTab : IAsyncDisposable
{
    private readonly Uri _channels;
    private readonly string _session = Guid.NewGuid().ToString();
    private readonly CancellationTokenSource _over = new();
    private readonly Task _life;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<(string Request, string What)> _replies = [];
    private readonly List<string> _wrong = [];
    private CancellationTokenSource _connection = new();
    private ClientWebSocket? _socket;
    private TimeSpan _away;
    private TimeSpan _stall;
    private long _last;

    private ChaosTab(string name, Uri channels, long? firstLine)
    {
        (Name, IsNewcomer, _channels, Transcript) = (name, firstLine is null, channels, new Transcript(firstLine));
        _life = Task.Run(LiveAsync);
    }

    public string Name { get; }

    /// <summary>It came when the kernel had been printing already.</summary>
    public bool IsNewcomer { get; }

    public Transcript Transcript { get; }

    /// <summary>How often it was connected.</summary>
    public int Connections { get; private set; }

    /// <summary>Number of the last message it was given.</summary>
    public long Last => Interlocked.Read(ref _last);

    /// <summary>What a tab must never see.</summary>
    public IReadOnlyList<string> Wrong
    {
        get
        {
            lock (_lock)
                return [.. _wrong, .. Transcript.Wrong];
        }
    }

    /// <param name="firstLine">The line its transcript must begin with; null takes any.</param>
    public static async Task<ChaosTab> OpenAsync(string name, Uri channels, long? firstLine)
    {
        ChaosTab tab = new(name, channels, firstLine);
        await tab._first.Task.WaitAsync(Browser.HubProcess.Patience, TimeProvider.System);
        return tab;
    }

    /// <summary>Sends code to run; returns the msg_id.</summary>
    public async Task<string> RunAsync(string code)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(new { code, silent = false, store_history = true, user_expressions = new { }, allow_stdin = false, stop_on_error = true });
        KernelMessage message = KernelMessage.Create(KernelChannel.Shell, MessageTypes.ExecuteRequest, content, _session, TimeProvider.System, userName: "");
        await _socket!.SendAsync(WebSocketV1Codec.Encode(message), WebSocketMessageType.Binary, endOfMessage: true, _over.Token);
        return message.MessageId;
    }

    /// <summary>How the request was answered, and when: once, one hopes.</summary>
    public IReadOnlyList<string> RepliesTo(string request)
    {
        lock (_lock)
            return [.. _replies.Where(reply => reply.Request == request).Select(reply => reply.What)];
    }

    /// <summary>The laptop is closed: the network is gone at once, for a while.</summary>
    public void Sleep(TimeSpan time)
    {
        _away = time;
        _connection.Cancel();
    }

    /// <summary>The page is busy: it stays connected and reads nothing for a while.</summary>
    public void Stall(TimeSpan time) => _stall = time;

    /// <summary>The page is closed; what it was told so far stays to be looked at.</summary>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _life;
        _socket?.Dispose();
    }

    private async Task LiveAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            _connection = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
            try
            {
                using ClientWebSocket socket = new();
                socket.Options.AddSubProtocol(WebSocketV1Codec.SubProtocol);
                socket.Options.SetRequestHeader("Authorization", $"token {ChaosHub.Token}");
                await socket.ConnectAsync(new UriBuilder(_channels) { Query = $"session_id={_session}&seq={Last}" }.Uri, _connection.Token);
                _socket = socket;
                Connections++;
                _first.TrySetResult();
                await ReadAsync(socket);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
            {
                // The hub or the network went away.
            }

            TimeSpan pause = _away > TimeSpan.Zero ? _away : TimeSpan.FromMilliseconds(100);
            _away = TimeSpan.Zero;
            try
            {
                await Task.Delay(pause, TimeProvider.System, _over.Token);
            }
            catch (OperationCanceledException)
            {
                // It is over.
            }
        }
    }

    private async Task ReadAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            int length = 0;
            while (true)
            {
                if (length == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
                ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(length), _connection.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                length += part.Count;
                if (part.EndOfMessage)
                    break;
            }

            Take(WebSocketV1Codec.Decode(buffer.AsSpan(0, length).ToArray()));
            TimeSpan stall = _stall;
            _stall = TimeSpan.Zero;
            if (stall > TimeSpan.Zero)
                await Task.Delay(stall, TimeProvider.System, _connection.Token);
        }
    }

    private void Take(KernelMessage message)
    {
        using JsonDocument metadata = JsonDocument.Parse(message.Metadata);
        string whence = $"{Name}, connection {Connections}";
        if (metadata.RootElement.ValueKind == JsonValueKind.Object && metadata.RootElement.TryGetProperty("hub_seq", out JsonElement number))
        {
            long sequence = number.GetInt64();
            if (sequence <= Last)
                Report($"message {sequence} after message {Last} ({whence})");
            Interlocked.Exchange(ref _last, sequence);
            whence += $", message {sequence}";
        }
        else
        {
            Report($"a {message.MessageType} without a number ({whence})");
        }

        switch (message.MessageType)
        {
            case MessageTypes.Stream:
                using (JsonDocument content = JsonDocument.Parse(message.Content))
                    Transcript.Add(content.RootElement.GetProperty("text").GetString()!, whence);
                break;
            case MessageTypes.ExecuteReply:
                lock (_lock)
                    _replies.Add((message.ParentMessageId, $"{Encoding.UTF8.GetString(message.Content.Span)} {Encoding.UTF8.GetString(message.Metadata.Span)} ({whence})"));
                break;
        }
    }

    private void Report(string what)
    {
        lock (_lock)
        {
            if (_wrong.Count < 10)
                _wrong.Add(what);
        }
    }
}
