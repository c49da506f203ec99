using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Hub.Tests.Admin;

/// <summary>A panel's line by hand: SignalR's JSON protocol over a real WebSocket.</summary>
internal sealed class FeedTab : IAsyncDisposable
{
    private const char End = '\u001e';
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket;
    private readonly BlockingCollection<JsonElement> _heard = [];
    private readonly ConcurrentDictionary<string, bool> _pushed = new();
    private readonly CancellationTokenSource _over = new();
    private readonly Task _reading;
    private readonly StringBuilder _rest = new();

    private FeedTab(ClientWebSocket socket, bool read)
    {
        _socket = socket;
        _reading = read ? ReadAsync() : Task.CompletedTask;
    }

    /// <summary>How many pushes came, of every kind.</summary>
    public int Pushes { get; private set; }

    /// <summary>Ended by the hub.</summary>
    public Task Ended => _reading;

    /// <param name="read">False: a panel that takes nothing of what it is sent.</param>
    public static async Task<FeedTab> OpenAsync(HubFixture hub, string token, bool read = true)
    {
        ClientWebSocket socket = new();
        socket.Options.SetRequestHeader("Authorization", "token " + token);
        using CancellationTokenSource patience = new(s_patience);
        await socket.ConnectAsync(new UriBuilder(new Uri(hub.Address, "hub/admin/feed")) { Scheme = "ws" }.Uri, patience.Token);
        FeedTab tab = new(socket, read);
        await tab.SendAsync("""{"protocol":"json","version":1}""");
        return tab;
    }

    /// <summary>Calls a method; its end is heard as a message of type 3.</summary>
    public Task CallAsync(string method, params object[] arguments) => SendAsync(JsonSerializer.Serialize(new { type = 1, invocationId = "1", target = method, arguments }));

    /// <summary>The first argument of the next push to <paramref name="target"/>.</summary>
    public JsonElement Next(string target) => Take(message => message.TryGetProperty("target", out JsonElement name) && name.GetString() == target).GetProperty("arguments")[0];

    /// <summary>Pushes until one fits.</summary>
    public JsonElement NextWhere(string target, Func<JsonElement, bool> fits)
    {
        for (; ; )
        {
            JsonElement push = Next(target);
            if (fits(push))
                return push;
        }
    }

    /// <summary>Was anything ever pushed to <paramref name="target"/>?</summary>
    public bool Heard(string target) => _pushed.ContainsKey(target);

    /// <summary>Why a call was refused; waits for one that was.</summary>
    public string NextRefusal() => Take(message => message.TryGetProperty("result", out JsonElement refusal) && refusal.ValueKind == JsonValueKind.String).GetProperty("result").GetString()!;

    /// <summary>What a caller is told of a failure of the hub; waits for one.</summary>
    public string NextFailure() => Take(message => message.TryGetProperty("error", out _)).GetProperty("error").GetString()!;

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _socket.Abort();
        await _reading;
        _socket.Dispose();
        _heard.Dispose();
        _over.Dispose();
    }

    private JsonElement Take(Func<JsonElement, bool> wanted)
    {
        using CancellationTokenSource patience = new(s_patience);
        for (; ; )
        {
            JsonElement message = _heard.Take(patience.Token);
            if (wanted(message))
                return message;
        }
    }

    private Task SendAsync(string message) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(message + End), WebSocketMessageType.Text, endOfMessage: true, _over.Token);

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        Decoder utf8 = Encoding.UTF8.GetDecoder();
        char[] text = new char[64 * 1024];
        try
        {
            for (; ; )
            {
                WebSocketReceiveResult got = await _socket.ReceiveAsync(buffer, _over.Token);
                if (got.MessageType == WebSocketMessageType.Close)
                    return;
                _rest.Append(text, 0, utf8.GetChars(buffer, 0, got.Count, text, 0));
                Split();
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // Closed from either side.
        }
    }

    private void Split()
    {
        string all = _rest.ToString();
        int last = all.LastIndexOf(End);
        if (last < 0)
            return;
        _rest.Clear().Append(all, last + 1, all.Length - last - 1);
        foreach (string one in all[..last].Split(End))
        {
            JsonElement message = JsonDocument.Parse(one).RootElement.Clone();
            if (message.TryGetProperty("target", out JsonElement name))
            {
                Pushes++;
                _pushed[name.GetString()!] = true;
            }
            _heard.Add(message);
        }
    }
}
