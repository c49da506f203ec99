using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>The sockets of one process, and what is on its way to it.</summary>
internal sealed class KernelWiring : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly KernelOutbox _shell;
    private readonly KernelOutbox _control;
    private readonly KernelOutbox _stdin;

    public KernelWiring(KernelClient client, KernelsOptions options)
    {
        KernelOutbox Outbox() => new(options.MaxPendingPerKernel, options.MaxUnsentBytes, client.SendAsync, _over.Token);
        Client = client;
        (_shell, _control, _stdin) = (Outbox(), Outbox(), Outbox());
    }

    public KernelClient Client { get; }

    /// <summary>The kernel's loop's alone.</summary>
    public bool TrySend(KernelMessage message) => message.Channel switch
    {
        KernelChannel.Shell => _shell.TryAdd(message),
        KernelChannel.Control => _control.TryAdd(message),
        _ => _stdin.TryAdd(message),
    };

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAll(_shell.Sending, _control.Sending, _stdin.Sending);
        await Client.DisposeAsync();
        _over.Dispose();
    }
}
