using Dapper;
using Hub.Accounts;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Auth.OAuth;

/// <summary>Codes in the database, by hash. A code is deleted by whoever presents it first, right or wrong: it works once.</summary>
internal sealed class OAuthCodesStore(HubDatabase database, IOptions<AuthOptions> options, TimeProvider time)
{
    public Task<string> CreateAsync(OAuthCode code, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            DateTimeOffset now = time.GetUtcNow();
            string secret = Secret.New();
            await connection.ExecuteAsync("DELETE FROM oauth_codes WHERE expires_at <= @now;", new { now = StoredTime.ToStored(now) }, transaction);
            await connection.ExecuteAsync(
                """
                INSERT INTO oauth_codes (hash, client, user_id, sign_in_id, redirect_uri, scopes, challenge, expires_at)
                VALUES (@hash, @Client, @UserId, @SignInNumber, @RedirectUri, @scopes, @Challenge, @expires);
                """,
                new
                {
                    hash = Secret.Hash(secret),
                    code.Client,
                    code.UserId,
                    code.SignInNumber,
                    code.RedirectUri,
                    scopes = TokenScopesCodec.Write(code.Scopes),
                    code.Challenge,
                    expires = StoredTime.ToStored(now + TimeSpan.FromSeconds(options.Value.OAuthCodeSeconds)),
                },
                transaction);
            return secret;
        }, cancellationToken);

    /// <summary>What the code promised, once; null when there is no such code, it has run out, or its user may no longer come in.</summary>
    public Task<(OAuthCode Code, User User)?> TakeAsync(string secret, CancellationToken cancellationToken) =>
        database.WriteAsync<(OAuthCode, User)?>(async (connection, transaction) =>
        {
            CodeRow? row = await connection.QuerySingleOrDefaultAsync<CodeRow>(
                "DELETE FROM oauth_codes WHERE hash = @hash RETURNING client, user_id, sign_in_id, redirect_uri, scopes, challenge, expires_at;",
                new { hash = Secret.Hash(secret) },
                transaction);
            if (row is null || row.ExpiresAt <= StoredTime.ToStored(time.GetUtcNow()))
                return null;
            UserRow? user = await connection.QuerySingleOrDefaultAsync<UserRow>(
                """
                SELECT u.id, u.name, u.display_name, u.admin, u.disabled, u.password_hash IS NOT NULL AS has_password, u.security_stamp, u.created, u.last_activity
                FROM users u JOIN sign_ins s ON s.user_id = u.id AND s.security_stamp = u.security_stamp
                WHERE u.id = @UserId AND s.id = @SignInId AND u.disabled = 0;
                """,
                new { row.UserId, row.SignInId },
                transaction);
            return user is null
                ? null
                : (new OAuthCode(row.Client, row.UserId, row.SignInId, row.RedirectUri, TokenScopesCodec.Read(row.Scopes), row.Challenge), user.ToUser());
        }, cancellationToken);

    /// <summary>A row of <c>oauth_codes</c> as the database driver fills it.</summary>
    private sealed class CodeRow
    {
        public string Client { get; init; } = "";

        public long UserId { get; init; }

        public long SignInId { get; init; }

        public string RedirectUri { get; init; } = "";

        public string Scopes { get; init; } = "";

        public string? Challenge { get; init; }

        public long ExpiresAt { get; init; }
    }
}
