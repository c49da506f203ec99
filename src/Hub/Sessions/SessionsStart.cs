namespace Hub.Sessions;

/// <summary>After kernels were found again and before people are let in: sessions are as they were.</summary>
internal sealed class SessionsStart(SessionRegistry sessions) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => sessions.LoadAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
