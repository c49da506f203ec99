using System.Text.Json;
using System.Threading.Channels;
using Testing;
using Wire.Jupyter;

namespace Wire.Tests.Jupyter;

/// <summary>A <see cref="KernelClient"/> with what it received, and the few requests tests make.</summary>
internal sealed class ClientSide : IAsyncDisposable
{
    // Holds all that a test can cause; a full queue would stop the channel and fail the test by its timeout.
    private readonly Channel<KernelMessage> _received = Channel.CreateBounded<KernelMessage>(100_000);
    private readonly List<KernelMessage> _seen = [];
    private readonly TaskCompletionSource<KernelFault> _fault = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClientSide(ConnectionInfo connection, KernelClientOptions? options = null)
    {
        Client = new KernelClient(connection, Guid.NewGuid().ToString(), TimeProvider.System, options) { OnFault = fault => _fault.TrySetResult(fault) };
        Client.Start(message => _received.Writer.WriteAsync(message));
    }

    public KernelClient Client { get; }

    /// <summary>The first fault the client reports.</summary>
    public Task<KernelFault> Fault => _fault.Task;

    /// <summary>Everything that was looked at so far.</summary>
    public IReadOnlyList<KernelMessage> Seen => _seen;

    public Task<KernelMessage> Ready() => Client.WaitUntilReadyAsync(Eventually.Timeout, CancellationToken.None);

    public async Task<KernelMessage> Send(KernelChannel channel, string type, object content, KernelMessage? parent = null, params ReadOnlyMemory<byte>[] buffers)
    {
        var message = KernelMessage.Create(
            channel, type, JsonSerializer.SerializeToUtf8Bytes(content), Client.Session, TimeProvider.System, parent, userName: "tester", buffers: buffers);
        await Client.SendAsync(message, CancellationToken.None);
        return message;
    }

    public Task<KernelMessage> Execute(string code, bool allowStdin = false, bool stopOnError = true) =>
        Send(KernelChannel.Shell, MessageTypes.ExecuteRequest, new
        {
            code,
            silent = false,
            store_history = true,
            user_expressions = new { },
            allow_stdin = allowStdin,
            stop_on_error = stopOnError,
        });

    /// <summary>The next message for which this holds; those before it are in <see cref="Seen"/>.</summary>
    public async Task<KernelMessage> Next(Func<KernelMessage, bool> wanted)
    {
        while (true)
        {
            var message = await _received.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Timeout, TimeProvider.System);
            _seen.Add(message);
            if (wanted(message))
                return message;
        }
    }

    public Task<KernelMessage> Next(string type) => Next(message => message.MessageType == type);

    /// <summary>The reply to a request, whether it was looked at already or not.</summary>
    public async Task<KernelMessage> Reply(KernelMessage request)
    {
        bool IsReply(KernelMessage message) => message.Channel == request.Channel && message.ParentMessageId == request.MessageId;
        return _seen.FirstOrDefault(IsReply) ?? await Next(IsReply);
    }

    /// <summary>Waits for reply and idle of a request, whichever comes first; returns the reply and all else that has this parent.</summary>
    public async Task<(KernelMessage Reply, List<KernelMessage> Outputs)> Finished(KernelMessage request)
    {
        KernelMessage? reply = null;
        var outputs = new List<KernelMessage>();
        var idle = false;
        for (var i = 0; reply is null || !idle; i++)
        {
            var message = i < _seen.Count ? _seen[i] : await Next(_ => true);
            if (message.ParentMessageId != request.MessageId)
                continue;
            if (message.Channel == request.Channel)
                reply = message;
            else
                outputs.Add(message);
            idle |= message.MessageType == MessageTypes.Status && Json(message).GetProperty("execution_state").GetString() == "idle";
        }

        return (reply, outputs);
    }

    /// <summary>Runs a cell again until it is not aborted: after an error real kernels abort what comes in the next moment, too.</summary>
    public async Task<(KernelMessage Reply, List<KernelMessage> Outputs)> Run(string code)
    {
        while (true)
        {
            var request = await Execute(code);
            if (Json(await Reply(request)).GetProperty("status").GetString() == "ok")
                return await Finished(request);
        }
    }

    public static JsonElement Json(KernelMessage message) => JsonDocument.Parse(message.Content).RootElement;

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
