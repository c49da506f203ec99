namespace Hub.Storage;

/// <summary>Before anything else starts: makes the data directory, makes sure that no other hub runs on it nor on the database, and brings the database to this program's schema.</summary>
internal sealed class StorageStart(DataLayout layout, DataLock dataLock, DatabaseLock databaseLock, Migrator migrator) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        layout.Create();
        dataLock.Take();
        await databaseLock.TakeAsync(cancellationToken);
        await migrator.RunAsync(Migration.BuiltIn, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Everything else has stopped: a hub that waits to take over may begin.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await databaseLock.ReleaseAsync();
        dataLock.Release();
    }
}
