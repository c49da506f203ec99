using Dapper;
using Hub.Accounts;
using Hub.Storage;

namespace Hub.Auth;

/// <summary>Accounts people make themselves, in the database.</summary>
public sealed class SignUpsStore(HubDatabase database, TimeProvider time)
{
    /// <summary>
    /// Makes a user with a password; one who waits when <paramref name="mostWaiting"/> is given. False when the name is taken, null when so many wait already.
    /// </summary>
    public Task<bool?> CreateAsync(string userName, string passwordHash, int? mostWaiting, CancellationToken cancellationToken) =>
        database.WriteAsync<bool?>(async (connection, transaction) =>
        {
            if (mostWaiting is { } most && await connection.ExecuteScalarAsync<long>(CountWaiting, transaction: transaction) >= most)
                return null;
            long? id = await connection.QuerySingleOrDefaultAsync<long?>(
                """
                INSERT INTO users (name, display_name, disabled, password_hash, security_stamp, created)
                VALUES (@userName, @userName, @disabled, @passwordHash, @stamp, @now) ON CONFLICT (name) DO NOTHING RETURNING id;
                """,
                new { userName, passwordHash, disabled = mostWaiting is null ? 0 : 1, stamp = Secret.New(), now = StoredTime.ToStored(time.GetUtcNow()) },
                transaction);
            if (id is null)
                return false;
            if (mostWaiting is not null)
                await connection.ExecuteAsync("INSERT INTO sign_ups (user_id, created) VALUES (@id, @now);", new { id, now = StoredTime.ToStored(time.GetUtcNow()) }, transaction);
            return true;
        }, cancellationToken);

    /// <summary>Who waits, the longest first. Whom an administrator enabled in another way waits no more.</summary>
    public Task<IReadOnlyList<SignUp>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<SignUp>>(async connection =>
            [.. (await connection.QueryAsync<(string Name, long Created)>(
                "SELECT u.name, s.created FROM sign_ups s JOIN users u ON u.id = s.user_id WHERE u.disabled = 1 ORDER BY s.created, u.id;"))
                .Select(row => new SignUp(row.Name, StoredTime.FromStored(row.Created)))], cancellationToken);

    /// <summary>How many wait.</summary>
    public Task<int> CountAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ExecuteScalarAsync<int>(CountWaiting), cancellationToken);

    /// <summary>Lets somebody in who waits; false when nobody of the name does.</summary>
    public Task<bool> ApproveAsync(string userName, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            if (await connection.ExecuteAsync($"UPDATE users SET disabled = 0 WHERE {IsWaiting};", new { userName }, transaction) == 0)
                return false;
            await connection.ExecuteAsync("DELETE FROM sign_ups WHERE user_id = (SELECT id FROM users WHERE name = @userName);", new { userName }, transaction);
            return true;
        }, cancellationToken);

    /// <summary>Deletes the account of somebody who waits; false when nobody of the name does.</summary>
    public Task<bool> RefuseAsync(string userName, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
            await connection.ExecuteAsync($"DELETE FROM users WHERE {IsWaiting};", new { userName }, transaction) > 0, cancellationToken);

    private const string CountWaiting = "SELECT COUNT(*) FROM sign_ups s JOIN users u ON u.id = s.user_id WHERE u.disabled = 1;";

    private const string IsWaiting = "name = @userName AND disabled = 1 AND id IN (SELECT user_id FROM sign_ups)";
}
