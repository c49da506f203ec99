using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Testing;

/// <summary>A page's connection to a terminal, as JupyterLab makes it. What it was sent is kept, and shown text is one string.</summary>
public sealed class TerminalPage : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly Lock _lock = new();
    private readonly StringBuilder _shown = new();
    private readonly List<string> _words = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;
    private int _disposed;

    private TerminalPage()
    {
    }

    /// <summary>Everything that was shown so far.</summary>
    public string Shown
    {
        get
        {
            lock (_lock)
                return _shown.ToString();
        }
    }

    /// <summary>First word of each frame, of frames with the same one in a row only the first.</summary>
    public IReadOnlyList<string> Words
    {
        get
        {
            lock (_lock)
                return [.. _words];
        }
    }

    /// <summary>Of the hub, once <see cref="Closed"/> has completed; null when the connection just broke.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    public string? CloseText => _socket.CloseStatusDescription;

    public Task Closed => Eventually.Comes(_closed.Task, "the end of the connection");

    /// <param name="terminal">URL of <c>…/terminals/websocket/{name}</c>, http or ws.</param>
    /// <param name="read">False stalls: nothing is read until <see cref="Resume"/>.</param>
    /// <exception cref="WebSocketException">The upgrade was refused.</exception>
    public static async Task<TerminalPage> OpenAsync(Uri terminal, string? token, bool read = true, Action<ClientWebSocketOptions>? set = null)
    {
        TerminalPage page = new();
        if (token is not null)
            page._socket.Options.SetRequestHeader("Authorization", $"token {token}");
        set?.Invoke(page._socket.Options);
        UriBuilder url = new(terminal) { Scheme = terminal.Scheme is "https" or "wss" ? "wss" : "ws" };
        using CancellationTokenSource patience = new(Eventually.Timeout, TimeProvider.System);
        await page._socket.ConnectAsync(url.Uri, patience.Token);
        if (read)
            page.Resume();
        return page;
    }

    /// <summary>Begins to read.</summary>
    public void Resume() => _reading = Task.Run(ReadAsync);

    public Task TypeAsync(string text) => SendAsync(JsonSerializer.Serialize(new[] { "stdin", text }));

    public Task ResizeAsync(int rows, int columns) => SendAsync($"[\"set_size\", {rows}, {columns}, 480, 640]");

    public Task SendAsync(string frame, bool isText = true) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(frame).AsMemory(), isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).AsTask();

    /// <summary>Waits until this was shown; returns all that was.</summary>
    public async Task<string> ShowsAsync(string wanted)
    {
        try
        {
            await Eventually.Holds(() => Shown.Contains(wanted, StringComparison.Ordinal) || (_closed.Task.IsCompleted && !Shown.Contains(wanted, StringComparison.Ordinal)), $"the terminal shows: {wanted}");
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"\"{wanted}\" was not shown; the end of what was: {End(Shown)}");
        }
        return Shown.Contains(wanted, StringComparison.Ordinal) ? Shown : throw new InvalidOperationException($"The connection ended ({CloseCode} {CloseText}) before \"{wanted}\" was shown: {End(Shown)}");
    }

    /// <summary>Types a line that makes the shell say something else than the line itself, and waits for that.</summary>
    public async Task<string> RunAsync(string line, string wanted)
    {
        await TypeAsync(line + "\n");
        return await ShowsAsync(wanted);
    }

    /// <summary>Vanishes as a lost network does.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private static string End(string text) => text.Length <= 500 ? text : text[^500..];

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
                    part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                    if (part.MessageType == WebSocketMessageType.Close)
                    {
                        if (_socket.State == WebSocketState.CloseReceived)
                            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                        return;
                    }
                    await frame.WriteAsync(buffer.AsMemory(0, part.Count));
                }
                while (!part.EndOfMessage);
                Take(JsonSerializer.Deserialize<JsonElement>(frame.ToArray()));
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It broke: CloseCode says so by being null.
        }
        finally
        {
            _closed.TrySetResult();
        }
    }

    private void Take(JsonElement frame)
    {
        string word = frame[0].GetString()!;
        lock (_lock)
        {
            if (_words.Count == 0 || _words[^1] != word)
                _words.Add(word);
            if (word == "stdout")
                _shown.Append(frame[1].GetString());
        }
    }
}
