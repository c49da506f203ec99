namespace Wire.Jupyter;

/// <summary>The five sockets of one kernel as one object.</summary>
public sealed class KernelClient : IAsyncDisposable
{
    /// <param name="connection">Where the kernel listens.</param>
    /// <param name="session">Identity of the shell, control and stdin sockets; 1 to 255 bytes in UTF-8.</param>
    /// <param name="time">Clock of back-off and heartbeat.</param>
    public KernelClient(ConnectionInfo connection, string session, TimeProvider time)
    {
        Connection = connection;
        Session = session;
        Time = time;
    }

    public ConnectionInfo Connection { get; }

    public string Session { get; }

    private TimeProvider Time { get; }

    /// <summary>Connects all channels and delivers each verified message to <paramref name="onMessage"/>, one at a time per channel, in order.</summary>
    public void Start(Func<KernelMessage, ValueTask> onMessage) => throw new NotImplementedException();

    /// <summary>Signs and sends a message on its channel (shell, control or stdin).</summary>
    public ValueTask SendAsync(KernelMessage message, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>One heartbeat: true when the kernel echoed within <paramref name="timeout"/>.</summary>
    public ValueTask<bool> PingAsync(TimeSpan timeout, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
