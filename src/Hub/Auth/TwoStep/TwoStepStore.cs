using System.Data.Common;
using Dapper;
using Hub.Accounts;
using Hub.Storage;

namespace Hub.Auth.TwoStep;

/// <summary>Second factors in the database: secrets sealed, recovery codes by their hash.</summary>
public sealed class TwoStepStore(HubDatabase database, TimeProvider time)
{
    /// <summary>Null when the user has not turned it on.</summary>
    public Task<SecondFactor?> FindAsync(long userId, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
            await connection.QuerySingleOrDefaultAsync<(string Secret, long LastStep, long Created, long Left)?>(
                """
                SELECT t.secret, t.last_step, t.created, (SELECT COUNT(*) FROM recovery_codes c WHERE c.user_id = t.user_id) AS codes
                FROM totp t WHERE t.user_id = @userId;
                """,
                new { userId }) is var (secret, lastStep, created, left)
                ? new SecondFactor(secret, lastStep, StoredTime.FromStored(created), (int)left)
                : null, cancellationToken);

    /// <summary>Turns it on; false when it is on already.</summary>
    public Task<bool> AddAsync(long userId, string sealedSecret, long lastStep, IReadOnlyList<string> codes, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            int added = await connection.ExecuteAsync(
                "INSERT INTO totp (user_id, secret, last_step, created) VALUES (@userId, @sealedSecret, @lastStep, @now) ON CONFLICT (user_id) DO NOTHING;",
                new { userId, sealedSecret, lastStep, now = StoredTime.ToStored(time.GetUtcNow()) }, transaction);
            if (added > 0)
                await SetCodesAsync(connection, transaction, userId, codes);
            return added > 0;
        }, cancellationToken);

    /// <summary>Uses the code of a step; false when it, or a later one, was used before.</summary>
    public Task<bool> UseStepAsync(long userId, long step, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
            await connection.ExecuteAsync("UPDATE totp SET last_step = @step WHERE user_id = @userId AND last_step < @step;", new { userId, step }, transaction) > 0, cancellationToken);

    /// <summary>Uses a recovery code up; false when the user has none such.</summary>
    public Task<bool> UseCodeAsync(long userId, string code, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
            await connection.ExecuteAsync("DELETE FROM recovery_codes WHERE user_id = @userId AND hash = @hash;", new { userId, hash = Secret.Hash(code) }, transaction) > 0, cancellationToken);

    /// <summary>New recovery codes in the place of the old; false when the user has no second factor.</summary>
    public Task<bool> RenewCodesAsync(long userId, IReadOnlyList<string> codes, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            if (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM totp WHERE user_id = @userId;", new { userId }, transaction) == 0)
                return false;
            await SetCodesAsync(connection, transaction, userId, codes);
            return true;
        }, cancellationToken);

    /// <summary>Turns it off; false when it was.</summary>
    public Task<bool> RemoveAsync(long userId, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("DELETE FROM recovery_codes WHERE user_id = @userId;", new { userId }, transaction);
            return await connection.ExecuteAsync("DELETE FROM totp WHERE user_id = @userId;", new { userId }, transaction) > 0;
        }, cancellationToken);

    private static async Task SetCodesAsync(DbConnection connection, DbTransaction transaction, long userId, IReadOnlyList<string> codes)
    {
        await connection.ExecuteAsync("DELETE FROM recovery_codes WHERE user_id = @userId;", new { userId }, transaction);
        foreach (string code in codes)
            await connection.ExecuteAsync("INSERT INTO recovery_codes (hash, user_id) VALUES (@hash, @userId);", new { hash = Secret.Hash(code), userId }, transaction);
    }
}
