using Dapper;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Contents;

/// <summary>
/// Which notebooks a user trusts, by the hash of their bytes: any change from elsewhere ends it. In the database and not in the home, where the notebook
/// itself could claim it. Of each user the <see cref="ContentsOptions.MaxTrustedNotebooks"/> last saved are remembered.
/// </summary>
public sealed class TrustStore(HubDatabase database, IOptions<ContentsOptions> options, TimeProvider time)
{
    public Task<bool> IsTrustedAsync(long userId, string hash, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
            await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM trusted_notebooks WHERE user_id = @userId AND hash = @hash;", new { userId, hash }) > 0,
            cancellationToken);

    public Task TrustAsync(long userId, string hash, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            """
            INSERT INTO trusted_notebooks (user_id, hash, used) VALUES (@userId, @hash, @now)
              ON CONFLICT (user_id, hash) DO UPDATE SET used = @now;
            DELETE FROM trusted_notebooks WHERE user_id = @userId AND used < (
              SELECT used FROM trusted_notebooks WHERE user_id = @userId ORDER BY used DESC LIMIT 1 OFFSET @last);
            """,
            new { userId, hash, now = StoredTime.ToStored(time.GetUtcNow()), last = options.Value.MaxTrustedNotebooks - 1 },
            transaction), cancellationToken);
}
