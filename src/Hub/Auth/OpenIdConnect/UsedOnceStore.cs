using Dapper;
using Hub.Accounts;
using Hub.Storage;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Remembers what may be used one time, across restarts, until it would be refused for its age anyway.</summary>
public sealed class UsedOnceStore(HubDatabase database, TimeProvider time)
{
    /// <summary>True the first time only; remembered until <paramref name="until"/>.</summary>
    public Task<bool> IsFirstAsync(string value, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("DELETE FROM used_once WHERE expires_at <= @now;", new { now = StoredTime.ToStored(time.GetUtcNow()) }, transaction);
            return await connection.ExecuteAsync(
                "INSERT INTO used_once (hash, expires_at) VALUES (@hash, @until) ON CONFLICT (hash) DO NOTHING;",
                new { hash = Secret.Hash(value), until = StoredTime.ToStored(until) },
                transaction) > 0;
        }, cancellationToken);
}
