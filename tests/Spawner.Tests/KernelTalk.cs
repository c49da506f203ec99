using System.Collections.Concurrent;
using System.Text.Json;
using Testing;
using Wire.Jupyter;

namespace Spawner.Tests;

/// <summary>Speaks to a spawned kernel as the hub does: through its five sockets.</summary>
internal sealed class KernelTalk : IAsyncDisposable
{
    private readonly KernelClient _client;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _asked = new();
    private readonly ConcurrentDictionary<string, string> _printed = new();

    private KernelTalk(KernelEndpoint at)
    {
        ConnectionInfo connection = new(at.Transport, at.Ip, at.ShellPort, at.ControlPort, at.IOPubPort, at.StdinPort, at.HeartbeatPort, at.Key);
        _client = new KernelClient(connection, Guid.NewGuid().ToString(), TimeProvider.System);
    }

    /// <summary>Connects and waits until the kernel answered <c>kernel_info</c>.</summary>
    public static async Task<KernelTalk> With(SpawnedKernel kernel)
    {
        KernelTalk talk = new(kernel.Endpoint);
        talk._client.Start(talk.Receive);
        talk.Info = await talk._client.WaitUntilReadyAsync(Eventually.Timeout, CancellationToken.None);
        return talk;
    }

    /// <summary>The kernel's <c>kernel_info_reply</c>.</summary>
    public KernelMessage? Info { get; private set; }

    public ValueTask<bool> Ping() => _client.PingAsync(Eventually.Timeout, CancellationToken.None);

    /// <summary>Runs code and returns what it printed, or the name of the error it raised.</summary>
    public async Task<string> Run(string code) => await Eventually.Comes(await Begin(code), $"the end of: {code}");

    /// <summary>Sends code; the inner task ends with it.</summary>
    public async Task<Task<string>> Begin(string code)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(new { code, silent = false, store_history = true, user_expressions = new { }, allow_stdin = false, stop_on_error = false });
        KernelMessage request = KernelMessage.Create(KernelChannel.Shell, "execute_request", content, _client.Session, TimeProvider.System);
        TaskCompletionSource<string> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[request.MessageId] = end;
        await _client.SendAsync(request, CancellationToken.None);
        return end.Task;
    }

    /// <summary>What a running cell printed so far.</summary>
    public string PrintedSoFar => string.Concat(_printed.Values);

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private ValueTask Receive(KernelMessage message)
    {
        string parent = message.ParentMessageId;
        using JsonDocument content = JsonDocument.Parse(message.Content);
        switch (message.MessageType)
        {
            case "stream":
                _printed.AddOrUpdate(parent, _ => content.RootElement.GetProperty("text").GetString()!, (_, old) => old + content.RootElement.GetProperty("text").GetString());
                break;
            case "error":
                _printed.AddOrUpdate(parent, _ => content.RootElement.GetProperty("ename").GetString()!, (_, old) => old + content.RootElement.GetProperty("ename").GetString());
                break;
            case "status" when content.RootElement.GetProperty("execution_state").GetString() == "idle" && _asked.TryRemove(parent, out TaskCompletionSource<string>? end):
                end.TrySetResult(_printed.GetValueOrDefault(parent, "").Trim());
                break;
            default:
                break;
        }
        return ValueTask.CompletedTask;
    }
}
