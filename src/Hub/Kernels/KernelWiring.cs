using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>The sockets of one process, and what is on its way to it.</summary>
internal sealed class KernelWiring(KernelClient client, KernelsOptions options) : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly KernelOutbox _shell = new(options.MaxPendingPerKernel, options.MaxUnsentBytes);
    private readonly KernelOutbox _control = new(options.MaxPendingPerKernel, options.MaxUnsentBytes);
    private readonly KernelOutbox _stdin = new(options.MaxPendingPerKernel, options.MaxUnsentBytes);
    private Task _sending = Task.CompletedTask;

    public KernelClient Client { get; } = client;

    public void Start() => _sending = Task.WhenAll(SendAllAsync(_shell), SendAllAsync(_control), SendAllAsync(_stdin));

    public bool TrySend(KernelMessage message) => message.Channel switch
    {
        KernelChannel.Shell => _shell.TryAdd(message),
        KernelChannel.Control => _control.TryAdd(message),
        _ => _stdin.TryAdd(message),
    };

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _sending;
        await Client.DisposeAsync();
        _over.Dispose();
    }

    private async Task SendAllAsync(KernelOutbox outbox)
    {
        try
        {
            await outbox.RunAsync(Client.SendAsync, _over.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The process is no more.
        }
    }
}
