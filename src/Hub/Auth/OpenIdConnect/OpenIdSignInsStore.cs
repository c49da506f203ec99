using Dapper;
using Hub.Storage;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Sign-ins that came by a provider: ended when the provider says so, asked about again, and ended there when they end here.</summary>
public sealed class OpenIdSignInsStore(HubDatabase database, TimeProvider time)
{
    /// <summary>Where a sign-in came from; null when from no provider, or it has ended.</summary>
    public Task<SignInOrigin?> FindAsync(long signInNumber, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => (await connection.QuerySingleOrDefaultAsync<OriginRow>(
            "SELECT provider, issuer, subject, session_id, tokens, refreshes FROM openid_sign_ins WHERE sign_in_id = @signInNumber;",
            new { signInNumber }))?.ToOrigin(), cancellationToken);

    /// <summary>Ends the sign-ins of a session at the provider, or of a person there; of both when both are given. Returns which and whose.</summary>
    public Task<IReadOnlyList<(long Number, string UserName)>> EndAsync(string issuer, string? subject, string? sessionId, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<(long, string)>>(async (connection, transaction) =>
        {
            var values = new { issuer, subject, sessionId };
            List<(long, string)> ended = [.. await connection.QueryAsync<(long, string)>(
                $"""
                SELECT o.sign_in_id, u.name FROM openid_sign_ins o JOIN sign_ins s ON s.id = o.sign_in_id JOIN users u ON u.id = s.user_id
                WHERE o.issuer = @issuer{(subject is null ? "" : " AND o.subject = @subject")}{(sessionId is null ? "" : " AND o.session_id = @sessionId")};
                """,
                values,
                transaction)];
            foreach ((long number, _) in ended)
                await connection.ExecuteAsync("DELETE FROM sign_ins WHERE id = @number;", new { number }, transaction);
            return ended;
        }, cancellationToken);

    /// <summary>Sign-ins of a provider that were used since the provider was last asked about them, longer ago than <paramref name="age"/>; the longest ago first.</summary>
    public Task<IReadOnlyList<DueSignIn>> FindDueAsync(string provider, TimeSpan age, int most, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<DueSignIn>>(async connection =>
            [.. await connection.QueryAsync<DueSignIn>(
                """
                SELECT o.sign_in_id AS number, u.id AS user_id, u.name AS user_name, o.issuer, o.subject, o.tokens, o.checked
                FROM openid_sign_ins o JOIN sign_ins s ON s.id = o.sign_in_id JOIN users u ON u.id = s.user_id
                WHERE o.refreshes = 1 AND o.checked <= @before AND o.provider = @provider AND s.last_activity > o.checked AND s.expires_at > @now
                ORDER BY o.checked LIMIT @most;
                """,
                new { provider, most, now = StoredTime.ToStored(time.GetUtcNow()), before = StoredTime.ToStored(time.GetUtcNow() - age) })],
            cancellationToken);

    /// <summary>
    /// Takes a sign-in to ask about, so that nobody else does meanwhile: a refresh token used twice is a stolen one to many providers. False when
    /// somebody did already.
    /// </summary>
    public Task<bool> TakeAsync(DueSignIn due, CancellationToken cancellationToken) => SetAsync(due.Number, due.Checked, time.GetUtcNow(), due.Tokens, cancellationToken);

    /// <summary>The provider said yes, and gave tokens for the next time.</summary>
    public Task KeepAsync(DueSignIn due, string? tokens, CancellationToken cancellationToken) => SetAsync(due.Number, null, time.GetUtcNow(), tokens, cancellationToken);

    /// <summary>The provider did not answer; it is asked again from <paramref name="at"/> on.</summary>
    public Task PutOffAsync(DueSignIn due, DateTimeOffset at, TimeSpan age, CancellationToken cancellationToken) => SetAsync(due.Number, null, at - age, due.Tokens, cancellationToken);

    private Task<bool> SetAsync(long number, long? from, DateTimeOffset to, string? tokens, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) => await connection.ExecuteAsync(
            $"UPDATE openid_sign_ins SET checked = @to, tokens = @tokens WHERE sign_in_id = @number{(from is null ? "" : " AND checked = @from")};",
            new { number, from, to = StoredTime.ToStored(to), tokens },
            transaction) > 0, cancellationToken);

    /// <summary>A row of <c>openid_sign_ins</c> as the database driver fills it.</summary>
    private sealed class OriginRow
    {
        public string Provider { get; init; } = "";

        public string Issuer { get; init; } = "";

        public string Subject { get; init; } = "";

        public string? SessionId { get; init; }

        public string? Tokens { get; init; }

        public bool Refreshes { get; init; }

        public SignInOrigin ToOrigin() => new(Provider, Issuer, Subject, SessionId, Tokens, Refreshes);
    }
}
