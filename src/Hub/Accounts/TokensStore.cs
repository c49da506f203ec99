using Dapper;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Accounts;

/// <summary>API tokens in the database, by hash. A token past its time counts as gone at once and is deleted when the user's tokens are next touched.</summary>
public sealed class TokensStore(HubDatabase database, LaterWrites later, IOptions<AccountsOptions> options, TimeProvider time)
{
    private readonly ReadCache<string, KnownToken> _known = new(database, AccountKinds.Users, AccountKinds.Tokens);

    private const string Columns = "t.id AS number, u.name AS user_name, t.note, t.scopes, t.created, t.last_activity, t.expires_at, t.oauth_client, t.sign_in_id";

    /// <summary>Makes a token. The secret is returned here and nowhere else, ever; null when the user has <c>Accounts:MaxTokensPerUser</c> already.</summary>
    /// <param name="grant">For a token of a service: which, by which sign-in, and for which code.</param>
    public Task<(string Secret, ApiToken Token)?> CreateAsync(
        User owner, string note, IReadOnlyList<string> scopes, TimeSpan? lifetime, CancellationToken cancellationToken, TokenGrant? grant = null) =>
        // Nothing remembered changes: nobody found this one before, and of what has run out everybody knows when it did.
        database.WriteAsync<(string, ApiToken)?>([], async (connection, transaction) =>
        {
            DateTimeOffset now = time.GetUtcNow();
            await connection.ExecuteAsync(
                "DELETE FROM api_tokens WHERE user_id = @Id AND expires_at <= @now;", new { owner.Id, now = StoredTime.ToStored(now) }, transaction);
            long count = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM api_tokens WHERE user_id = @Id;", new { owner.Id }, transaction);
            if (count >= options.Value.MaxTokensPerUser)
                return null;
            string secret = Secret.New();
            DateTimeOffset? expires = lifetime is { } limited ? now + limited : null;
            long number = await connection.ExecuteScalarAsync<long>(
                """
                INSERT INTO api_tokens (user_id, hash, note, scopes, created, expires_at, oauth_client, oauth_code, sign_in_id)
                VALUES (@Id, @hash, @note, @scopes, @now, @expires, @Service, @CodeHash, @SignInNumber) RETURNING id;
                """,
                new
                {
                    owner.Id,
                    hash = Secret.Hash(secret),
                    note,
                    scopes = TokenScopesCodec.Write(scopes),
                    now = StoredTime.ToStored(now),
                    expires = StoredTime.ToStored(expires),
                    grant?.Service,
                    grant?.CodeHash,
                    grant?.SignInNumber,
                },
                transaction);
            return (secret, new ApiToken(number, owner.Name, note, scopes, now, null, expires));
        }, null, cancellationToken);

    /// <summary>The tokens of a user that still count, oldest first.</summary>
    public Task<IReadOnlyList<ApiToken>> ListAsync(long userId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ApiToken>>(async connection =>
        [
            .. (await connection.QueryAsync<TokenRow>(
                $"SELECT {Columns} FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.user_id = @userId AND {Alive} ORDER BY t.id;",
                new { userId, now = Now() })).Select(row => row.ToToken()),
        ], cancellationToken);

    public Task<ApiToken?> FindAsync(long userId, long number, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
            (await connection.QuerySingleOrDefaultAsync<TokenRow>(
                $"SELECT {Columns} FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.user_id = @userId AND t.id = @number AND {Alive};",
                new { userId, number, now = Now() }))?.ToToken(), cancellationToken);

    /// <summary>Ends a token, and with a service's token all of that service for the user; returns which ended.</summary>
    public Task<IReadOnlyList<long>> RevokeAsync(long userId, long number, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<long>>(async (connection, transaction) =>
        [
            .. await connection.QueryAsync<long>(
                """
                DELETE FROM api_tokens WHERE user_id = @userId AND (id = @number
                  OR oauth_client = (SELECT t.oauth_client FROM api_tokens t WHERE t.user_id = @userId AND t.id = @number)) RETURNING id;
                """,
                new { userId, number },
                transaction),
        ], cancellationToken);

    /// <summary>Ends the tokens bought with a code; returns whose and which.</summary>
    public Task<IReadOnlyList<(string UserName, long Number)>> RevokeByCodeAsync(string codeHash, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<(string, long)>>(async (connection, transaction) =>
        {
            List<(string, long)> ended =
            [
                .. await connection.QueryAsync<(string, long)>(
                    "SELECT u.name, t.id FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.oauth_code = @codeHash;", new { codeHash }, transaction),
            ];
            await connection.ExecuteAsync("DELETE FROM api_tokens WHERE oauth_code = @codeHash;", new { codeHash }, transaction);
            return ended;
        }, cancellationToken);

    /// <summary>Whose token this is; null when it is nobody's, has run out, or its owner is disabled.</summary>
    /// <remarks>Programs ask often and with the same token, so what was found is remembered until something is written that may change it.</remarks>
    public async Task<(User Owner, ApiToken Token)?> AuthenticateAsync(string secret, CancellationToken cancellationToken)
    {
        string hash = Secret.Hash(secret);
        if (_known.Find(hash) is { } known && !(known.Token.ExpiresAt <= time.GetUtcNow()))
            return (known.Owner, known.Token);
        long asOf = _known.AsOf;
        (User Owner, ApiToken Token)? found = await FindAsync(hash, cancellationToken);
        // What ends with a sign-in ends at a time that is not the token's.
        if (found is { Token.SignInNumber: null } one)
            _known.Keep(hash, new KnownToken(one.Owner, one.Token), asOf);
        return found;
    }

    private Task<(User, ApiToken)?> FindAsync(string hash, CancellationToken cancellationToken) =>
        database.ReadAsync<(User, ApiToken)?>(async connection =>
        {
            (UserRow User, TokenRow Token) found = (await connection.QueryAsync<UserRow, TokenRow, (UserRow, TokenRow)>(
                $"""
                SELECT u.id, u.name, u.display_name, u.admin, u.disabled, u.guest, u.password_hash IS NOT NULL AS has_password, u.security_stamp, u.created,
                  u.last_activity, {Columns}
                FROM api_tokens t JOIN users u ON u.id = t.user_id
                WHERE t.hash = @hash AND u.disabled = 0 AND {Alive};
                """,
                (user, token) => (user, token),
                new { hash, now = Now() },
                splitOn: "number")).SingleOrDefault();
            return found.User is null ? null : (found.User.ToUser(), found.Token.ToToken());
        }, cancellationToken);

    /// <summary>Notes before long that token and owner were active, unless that was noted within <c>Accounts:ActivityResolutionSeconds</c>.</summary>
    public void NoteUse(User owner, ApiToken token)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (token.LastActivity is { } last && now - last < TimeSpan.FromSeconds(options.Value.ActivityResolutionSeconds))
            return;
        later.Offer("token " + token.Id, cancellationToken => database.WriteAsync([AccountKinds.Users, AccountKinds.Tokens], async (connection, transaction) =>
        {
            var values = new { token.Number, owner.Id, now = StoredTime.ToStored(now) };
            await connection.ExecuteAsync("UPDATE api_tokens SET last_activity = @now WHERE id = @Number;", values, transaction);
            await connection.ExecuteAsync(
                "UPDATE users SET last_activity = @now WHERE id = @Id AND (last_activity IS NULL OR last_activity < @now);", values, transaction);
        }, cancellationToken));
    }

    /// <summary>Makes <paramref name="secret"/> the one token that comes from the settings, or leaves none when it is null.</summary>
    public Task SetFromSettingAsync(long userId, string? secret, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            string? hash = secret is null ? null : Secret.Hash(secret);
            await connection.ExecuteAsync("DELETE FROM api_tokens WHERE from_setting = 1 AND (@hash IS NULL OR hash <> @hash OR user_id <> @userId);", new { hash, userId }, transaction);
            if (hash is not null)
            {
                await connection.ExecuteAsync(
                    """
                    INSERT INTO api_tokens (user_id, hash, note, scopes, from_setting, created)
                    VALUES (@userId, @hash, 'Hub:AdminToken', 'inherit', 1, @now) ON CONFLICT (hash) DO NOTHING;
                    """,
                    new { userId, hash, now = Now() },
                    transaction);
            }
        }, cancellationToken);

    /// <summary>A service's token counts as long as the sign-in that consented does: also one that has ended and is not yet deleted ends it.</summary>
    private const string Alive =
        """
        (t.expires_at IS NULL OR t.expires_at > @now) AND (t.sign_in_id IS NULL OR EXISTS (
          SELECT 1 FROM sign_ins s WHERE s.id = t.sign_in_id AND s.expires_at > @now AND s.security_stamp = u.security_stamp))
        """;

    private long Now() => StoredTime.ToStored(time.GetUtcNow());

    private sealed record KnownToken(User Owner, ApiToken Token);

    /// <summary>A row of <c>api_tokens</c> with its owner's name, as the database driver fills it.</summary>
    private sealed class TokenRow
    {
        public long Number { get; init; }

        public string UserName { get; init; } = "";

        public string Note { get; init; } = "";

        public string Scopes { get; init; } = "";

        public long Created { get; init; }

        public long? LastActivity { get; init; }

        public long? ExpiresAt { get; init; }

        public string? OauthClient { get; init; }

        public long? SignInId { get; init; }

        public ApiToken ToToken() => new(
            Number, UserName, Note, TokenScopesCodec.Read(Scopes), StoredTime.FromStored(Created),
            StoredTime.FromStored(LastActivity), StoredTime.FromStored(ExpiresAt))
        {
            OAuthClient = OauthClient,
            SignInNumber = SignInId,
        };
    }
}
