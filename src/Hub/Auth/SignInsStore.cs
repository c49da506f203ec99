using System.Data.Common;
using Dapper;
using Hub.Accounts;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Auth;

/// <summary>Sign-ins in the database, by the hash of what the browser's cookie holds; so they can be ended from here, and a stolen database signs nobody in.</summary>
public sealed class SignInsStore(HubDatabase database, LaterWrites later, IOptions<AuthOptions> options, TimeProvider time)
{
    private TimeSpan Idle => TimeSpan.FromMinutes(options.Value.SignInIdleMinutes);

    /// <summary>Begins a sign-in, by a provider when <paramref name="origin"/> says so; the secret is for the cookie.</summary>
    public Task<(string Secret, SignIn SignIn)> CreateAsync(User user, SignInOrigin? origin, SignInPlace place, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("DELETE FROM sign_ins WHERE expires_at <= @now;", new { now = StoredTime.ToStored(time.GetUtcNow()) }, transaction);
            (string Secret, SignIn SignIn) begun = await AddAsync(connection, transaction, user.Id, user.SecurityStamp, place);
            if (origin is not null)
            {
                await connection.ExecuteAsync(
                    """
                    INSERT INTO openid_sign_ins (sign_in_id, provider, issuer, subject, session_id, tokens, refreshes, checked)
                    VALUES (@Number, @Provider, @Issuer, @Subject, @SessionId, @Tokens, @refreshes, @now);
                    """,
                    new { begun.SignIn.Number, origin.Provider, origin.Issuer, origin.Subject, origin.SessionId, origin.Tokens, refreshes = origin.Refreshes ? 1 : 0, now = StoredTime.ToStored(begun.SignIn.Created) },
                    transaction);
            }
            return begun;
        }, cancellationToken);

    /// <summary>Begins a sign-in as a part of another store's write, such as the one that makes the account.</summary>
    internal async Task<(string Secret, SignIn SignIn)> AddAsync(DbConnection connection, DbTransaction transaction, long userId, string securityStamp, SignInPlace? place = null)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset expires = Expiry(now, now);
        string secret = Secret.New();
        long number = await connection.ExecuteScalarAsync<long>(
            """
            INSERT INTO sign_ins (user_id, hash, security_stamp, created, last_activity, expires_at, address, browser)
            VALUES (@userId, @hash, @securityStamp, @now, @now, @expires, @Address, @Browser) RETURNING id;
            """,
            new { userId, hash = Secret.Hash(secret), securityStamp, now = StoredTime.ToStored(now), expires = StoredTime.ToStored(expires), place?.Address, place?.Browser },
            transaction);
        return (secret, new SignIn(number, now, now, expires));
    }

    /// <summary>Whose sign-in this is; null when it has ended in whatever way.</summary>
    public Task<(User User, SignIn SignIn)?> FindAsync(string secret, CancellationToken cancellationToken) =>
        database.ReadAsync<(User, SignIn)?>(async connection =>
        {
            (UserRow User, SignInRow SignIn) found = (await connection.QueryAsync<UserRow, SignInRow, (UserRow, SignInRow)>(
                """
                SELECT u.id, u.name, u.display_name, u.admin, u.disabled, u.guest, u.password_hash IS NOT NULL AS has_password, u.security_stamp, u.created,
                  u.last_activity, s.id AS number, s.created, s.last_activity, s.expires_at
                FROM sign_ins s JOIN users u ON u.id = s.user_id AND u.security_stamp = s.security_stamp
                WHERE s.hash = @hash AND s.expires_at > @now AND u.disabled = 0;
                """,
                (user, signIn) => (user, signIn),
                new { hash = Secret.Hash(secret), now = StoredTime.ToStored(time.GetUtcNow()) },
                splitOn: "number")).SingleOrDefault();
            return found.User is null ? null : (found.User.ToUser(), found.SignIn.ToSignIn());
        }, cancellationToken);

    /// <summary>Notes before long that the sign-in is in use, which puts its end off.</summary>
    public void NoteUse(User user, SignIn signIn)
    {
        DateTimeOffset now = time.GetUtcNow();
        later.Offer("sign-in " + signIn.Id, cancellationToken => database.WriteAsync(async (connection, transaction) =>
        {
            var values = new { signIn.Number, user.Id, now = StoredTime.ToStored(now), expires = StoredTime.ToStored(Expiry(signIn.Created, now)) };
            await connection.ExecuteAsync("UPDATE sign_ins SET last_activity = @now, expires_at = @expires WHERE id = @Number;", values, transaction);
            await connection.ExecuteAsync(
                "UPDATE users SET last_activity = @now WHERE id = @Id AND (last_activity IS NULL OR last_activity < @now);", values, transaction);
        }, cancellationToken));
    }

    /// <summary>How many people are signed in: have a sign-in that has not ended.</summary>
    public Task<long> CountPeopleAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ExecuteScalarAsync<long>(
            """
            SELECT COUNT(DISTINCT s.user_id) FROM sign_ins s JOIN users u ON u.id = s.user_id AND u.security_stamp = s.security_stamp
            WHERE s.expires_at > @now AND u.disabled = 0;
            """,
            new { now = StoredTime.ToStored(time.GetUtcNow()) }), cancellationToken);

    /// <summary>Those of <paramref name="userIds"/> that are signed in.</summary>
    public Task<IReadOnlySet<long>> ListPeopleAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlySet<long>>(async connection => (await connection.QueryAsync<long>(
            $"""
            SELECT DISTINCT s.user_id FROM sign_ins s JOIN users u ON u.id = s.user_id AND u.security_stamp = s.security_stamp
            WHERE s.expires_at > @now AND u.disabled = 0 AND {database.IsIn("s.user_id", "@userIds")};
            """,
            new { userIds = database.ListOf(userIds), now = StoredTime.ToStored(time.GetUtcNow()) })).ToHashSet(), cancellationToken);

    /// <summary>Where a user is signed in, the newest first, a hundred at most.</summary>
    public Task<IReadOnlyList<SignIn>> ListAsync(long userId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<SignIn>>(async connection =>
            [.. (await connection.QueryAsync<SignInRow>(
                """
                SELECT s.id AS number, s.created, s.last_activity, s.expires_at, s.address, s.browser
                FROM sign_ins s JOIN users u ON u.id = s.user_id AND u.security_stamp = s.security_stamp
                WHERE s.user_id = @userId AND s.expires_at > @now ORDER BY s.id DESC LIMIT 100;
                """,
                new { userId, now = StoredTime.ToStored(time.GetUtcNow()) })).Select(row => row.ToSignIn())], cancellationToken);

    /// <summary>Ends the sign-in; false when it had ended before.</summary>
    public Task<bool> EndAsync(long number, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
            await connection.ExecuteAsync("DELETE FROM sign_ins WHERE id = @number;", new { number }, transaction) > 0, cancellationToken);

    /// <summary>Ends a sign-in of this user; false when they have none of the number.</summary>
    public Task<bool> EndAsync(long userId, long number, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
            await connection.ExecuteAsync("DELETE FROM sign_ins WHERE id = @number AND user_id = @userId;", new { number, userId }, transaction) > 0, cancellationToken);

    /// <summary>Notes before long where a sign-in was begun that another store's write made.</summary>
    public void NotePlace(SignIn signIn, SignInPlace place) =>
        later.Offer("place of sign-in " + signIn.Id, cancellationToken => database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                "UPDATE sign_ins SET address = @Address, browser = @Browser WHERE id = @Number;", new { signIn.Number, place.Address, place.Browser }, transaction), cancellationToken));

    private DateTimeOffset Expiry(DateTimeOffset created, DateTimeOffset used)
    {
        DateTimeOffset idle = used + Idle;
        DateTimeOffset last = created + TimeSpan.FromMinutes(options.Value.SignInMaxMinutes);
        return idle < last ? idle : last;
    }

    /// <summary>A row of <c>sign_ins</c> as the database driver fills it.</summary>
    private sealed class SignInRow
    {
        public long Number { get; init; }

        public long Created { get; init; }

        public long LastActivity { get; init; }

        public long ExpiresAt { get; init; }

        public string? Address { get; init; }

        public string? Browser { get; init; }

        public SignIn ToSignIn() =>
            new(Number, StoredTime.FromStored(Created), StoredTime.FromStored(LastActivity), StoredTime.FromStored(ExpiresAt)) { Place = new SignInPlace(Address, Browser) };
    }
}
