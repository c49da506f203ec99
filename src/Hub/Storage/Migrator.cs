using System.Data.Common;
using Dapper;

namespace Hub.Storage;

/// <summary>
/// Brings the database to this program's schema. Every step runs in a transaction of its own that holds the database's write lock and
/// looks at the version again, so two hubs starting at once do each step once.
/// </summary>
internal sealed partial class Migrator(HubDatabase database, TimeProvider time, ILogger<Migrator> logger)
{
    internal const string VersionTableName = "schema_version";

    private const string VersionTable = "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT;";

    /// <exception cref="StorageException">The database is away, or newer than the program, or a step failed; nothing of that step remains.</exception>
    public async Task RunAsync(IReadOnlyList<Migration> known, CancellationToken cancellationToken)
    {
        try
        {
            await database.Engine.PrepareAsync(cancellationToken);
            await database.WriteAsync((connection, transaction) => connection.ExecuteAsync(database.Engine.Translate(VersionTable), transaction: transaction), cancellationToken);
        }
        catch (DbException unusable)
        {
            throw new StorageException($"The database ({database.Engine.Name}) cannot be used: {unusable.Message}", unusable);
        }

        while (await StepAsync(known, cancellationToken) is { } done)
            LogMigrated(done.Name);
    }

    /// <summary>Makes the schema of <paramref name="version"/> in an empty database, as part of a larger transaction.</summary>
    /// <exception cref="StorageException">A step failed.</exception>
    public async Task MakeAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<Migration> known, int version)
    {
        await connection.ExecuteAsync(database.Engine.Translate(VersionTable), transaction: transaction);
        foreach (Migration step in known.Take(version))
            await RunAsync(connection, transaction, step);
    }

    private Task<Migration?> StepAsync(IReadOnlyList<Migration> known, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            int version = await connection.ExecuteScalarAsync<int>("SELECT COALESCE(MAX(version), 0) FROM schema_version;", transaction: transaction);
            MigrationPlan plan = MigrationPlan.For(version, known);
            if (plan.Refusal is { } refusal)
                throw new StorageException(refusal);
            if (plan.Steps is not [Migration next, ..])
                return null;
            await RunAsync(connection, transaction, next);
            return next;
        }, cancellationToken);

    private async Task RunAsync(DbConnection connection, DbTransaction transaction, Migration step)
    {
        try
        {
            await connection.ExecuteAsync(step.SqlFor(database.Engine), transaction: transaction);
        }
        catch (DbException failure)
        {
            throw new StorageException($"Migration {step.Name} failed and was rolled back: {failure.Message}", failure);
        }
        await connection.ExecuteAsync(
            "INSERT INTO schema_version (version, name, applied) VALUES (@Version, @Name, @Applied);",
            new { step.Version, step.Name, Applied = StoredTime.ToStored(time.GetUtcNow()) },
            transaction);
    }

    [LoggerMessage(200, LogLevel.Information, "Database schema: {Migration} done")]
    private partial void LogMigrated(string migration);
}
