using System.Data.Common;
using Dapper;
using Hub.Accounts;
using Hub.Storage;

namespace Hub.Auth;

/// <summary>Password hashes and one-time links in the database.</summary>
public sealed class PasswordsStore(HubDatabase database, TimeProvider time)
{
    /// <summary>The hash of the password of a user who is enabled, or waits for an administrator; null when there is no such user or password.</summary>
    public Task<string?> FindHashAsync(string userName, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.QuerySingleOrDefaultAsync<string?>(
            "SELECT password_hash FROM users WHERE name = @userName AND (disabled = 0 OR id IN (SELECT user_id FROM sign_ups));", new { userName }), cancellationToken);

    /// <summary>Is there an administrator who can sign in by password?</summary>
    public Task<bool> HasAdminAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => await connection.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM users WHERE admin = 1 AND disabled = 0 AND password_hash IS NOT NULL;") > 0, cancellationToken);

    /// <summary>Replaces the hash of an unchanged password by a stronger one; sign-ins go on.</summary>
    public Task StrengthenAsync(string userName, string oldHash, string newHash, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "UPDATE users SET password_hash = @newHash WHERE name = @userName AND password_hash = @oldHash;", new { userName, oldHash, newHash }, transaction),
            cancellationToken);

    /// <summary>Sets the password; every sign-in and one-time link of the user ends with it.</summary>
    public Task SetAsync(long userId, string hash, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => SetAsync(connection, transaction, userId, hash), cancellationToken);

    /// <summary>Makes a one-time link and returns its secret; earlier links of the user end.</summary>
    public Task<(string Secret, DateTimeOffset ExpiresAt)> CreateLinkAsync(long userId, TimeSpan lifetime, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => AddLinkAsync(connection, transaction, userId, lifetime), cancellationToken);

    /// <summary>The same as a part of another store's write, such as the one that makes the account.</summary>
    internal async Task<(string Secret, DateTimeOffset ExpiresAt)> AddLinkAsync(DbConnection connection, DbTransaction transaction, long userId, TimeSpan lifetime)
    {
        string secret = Secret.New();
        DateTimeOffset now = time.GetUtcNow();
        await connection.ExecuteAsync(
            "DELETE FROM password_links WHERE user_id = @userId OR expires_at <= @now;", new { userId, now = StoredTime.ToStored(now) }, transaction);
        await connection.ExecuteAsync(
            "INSERT INTO password_links (hash, user_id, created, expires_at) VALUES (@hash, @userId, @now, @expires);",
            new { hash = Secret.Hash(secret), userId, now = StoredTime.ToStored(now), expires = StoredTime.ToStored(now + lifetime) },
            transaction);
        return (secret, now + lifetime);
    }

    /// <summary>Name of the user a link is for; null when it was used, has run out or never was.</summary>
    public Task<string?> FindLinkAsync(string secret, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.QuerySingleOrDefaultAsync<string?>(
            """
            SELECT u.name FROM password_links l JOIN users u ON u.id = l.user_id
            WHERE l.hash = @hash AND l.expires_at > @now AND u.disabled = 0;
            """,
            new { hash = Secret.Hash(secret), now = StoredTime.ToStored(time.GetUtcNow()) }), cancellationToken);

    /// <summary>Uses a link up and sets the password, both or neither; false when the link is no longer good.</summary>
    public Task<bool> UseLinkAsync(string secret, string hash, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            long? userId = await connection.QuerySingleOrDefaultAsync<long?>(
                """
                DELETE FROM password_links WHERE hash = @hash AND expires_at > @now AND user_id IN (SELECT id FROM users WHERE disabled = 0)
                RETURNING user_id;
                """,
                new { hash = Secret.Hash(secret), now = StoredTime.ToStored(time.GetUtcNow()) },
                transaction);
            if (userId is not { } known)
                return false;
            await SetAsync(connection, transaction, known, hash);
            return true;
        }, cancellationToken);

    private static async Task SetAsync(DbConnection connection, DbTransaction transaction, long userId, string hash)
    {
        await connection.ExecuteAsync(
            "UPDATE users SET password_hash = @hash, security_stamp = @stamp WHERE id = @userId;", new { userId, hash, stamp = Secret.New() }, transaction);
        await connection.ExecuteAsync("DELETE FROM sign_ins WHERE user_id = @userId;", new { userId }, transaction);
        await connection.ExecuteAsync("DELETE FROM password_links WHERE user_id = @userId;", new { userId }, transaction);
    }
}
