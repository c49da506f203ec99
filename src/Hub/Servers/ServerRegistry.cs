namespace Hub.Servers;

/// <summary>The servers of all users: logical objects, since no process stands behind them. Starting one is instant.</summary>
public sealed class ServerRegistry
{
    /// <summary>Is the default server of <paramref name="userName"/> started?</summary>
    public bool IsRunning(string userName) => throw new NotImplementedException();

    /// <summary>Starts the default server; false when it ran already.</summary>
    public Task<bool> StartAsync(string userName, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stops it with all its parts; false when it did not run.</summary>
    public Task<bool> StopAsync(string userName, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Notes that the user did something just now; cheap, written to the database now and then.</summary>
    public void NoteActivity(string userName) => throw new NotImplementedException();
}
