using System.Data.Common;
using System.Text.Json;
using Dapper;
using Hub.Accounts;
using Hub.Storage;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Which person at which provider is which user. Only issuer and subject together say who somebody is: names and e-mail addresses are given to other people
/// later, so nobody ever gets an account by having its name.
/// </summary>
public sealed class IdentitiesStore(HubDatabase database, TimeProvider time)
{
    private const string UserColumns =
        "u.id, u.name, u.display_name, u.admin, u.disabled, u.password_hash IS NOT NULL AS has_password, u.security_stamp, u.created, u.last_activity";

    /// <summary>Lets somebody in as the user they are, or makes them one, if <paramref name="mayBeNew"/>; notes what the provider said of them.</summary>
    public Task<Arrival> ArriveAsync(string provider, OpenIdPerson person, bool mayBeNew, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            User? user = await FindAsync(connection, transaction, person);
            if (user is { Disabled: true })
                return new Arrival(OpenIdRefusal.Disabled, null);
            bool isNew = user is null;
            if (user is null)
            {
                if (!mayBeNew)
                    return new Arrival(OpenIdRefusal.NotKnown, null);
                if (person.UserName is null)
                    return new Arrival(OpenIdRefusal.NoName, null);
                user = await MakeAsync(connection, transaction, person);
                if (user is null)
                    return new Arrival(OpenIdRefusal.NameTaken, null);
            }
            await NoteAsync(connection, transaction, provider, person, user.Id);
            bool changed = await SetAdminAsync(connection, transaction, person, user);
            return new Arrival(null, (await FindAsync(connection, transaction, person))!, isNew, changed);
        }, cancellationToken);

    /// <summary>From now on <paramref name="person"/> is this user; false when they are another one already.</summary>
    public Task<bool> ConnectAsync(string provider, OpenIdPerson person, long userId, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            if (await FindAsync(connection, transaction, person) is { } known && known.Id != userId)
                return false;
            await NoteAsync(connection, transaction, provider, person, userId);
            return true;
        }, cancellationToken);

    /// <summary>Whoever the user is at the provider may no longer come in as them; false when it is their only way in, or they were nobody there.</summary>
    public Task<bool> DisconnectAsync(string provider, long userId, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) => await connection.ExecuteAsync(
            """
            DELETE FROM openid_identities WHERE user_id = @userId AND provider = @provider
              AND (EXISTS (SELECT 1 FROM users WHERE id = @userId AND password_hash IS NOT NULL)
                OR EXISTS (SELECT 1 FROM openid_identities o WHERE o.user_id = @userId AND o.provider <> @provider));
            """,
            new { userId, provider },
            transaction) > 0, cancellationToken);

    /// <summary>By which providers the user can come in.</summary>
    public Task<IReadOnlyList<string>> ProvidersOfAsync(long userId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<string>>(async connection =>
            [.. await connection.QueryAsync<string>("SELECT DISTINCT provider FROM openid_identities WHERE user_id = @userId ORDER BY provider;", new { userId })],
            cancellationToken);

    private static async Task<User?> FindAsync(DbConnection connection, DbTransaction transaction, OpenIdPerson person) =>
        (await connection.QuerySingleOrDefaultAsync<UserRow>(
            $"SELECT {UserColumns} FROM openid_identities o JOIN users u ON u.id = o.user_id WHERE o.issuer = @Issuer AND o.subject = @Subject;",
            new { person.Issuer, person.Subject },
            transaction))?.ToUser();

    private async Task<User?> MakeAsync(DbConnection connection, DbTransaction transaction, OpenIdPerson person) =>
        (await connection.QuerySingleOrDefaultAsync<UserRow>(
            """
            INSERT INTO users (name, display_name, admin, security_stamp, created)
            VALUES (@UserName, @DisplayName, 0, @stamp, @now)
            ON CONFLICT (name) DO NOTHING
            RETURNING id, name, display_name, admin, disabled, password_hash IS NOT NULL AS has_password, security_stamp, created, last_activity;
            """,
            new { person.UserName, person.DisplayName, stamp = Secret.New(), now = StoredTime.ToStored(time.GetUtcNow()) },
            transaction))?.ToUser();

    private Task<int> NoteAsync(DbConnection connection, DbTransaction transaction, string provider, OpenIdPerson person, long userId) =>
        connection.ExecuteAsync(
            """
            INSERT INTO openid_identities (issuer, subject, user_id, provider, email, group_names, created, last_sign_in)
            VALUES (@Issuer, @Subject, @userId, @provider, @Email, @groups, @now, @now)
            ON CONFLICT (issuer, subject) DO UPDATE SET provider = excluded.provider, email = excluded.email, group_names = excluded.group_names,
              last_sign_in = excluded.last_sign_in;
            """,
            new { person.Issuer, person.Subject, userId, provider, person.Email, groups = JsonSerializer.Serialize(person.Groups), now = StoredTime.ToStored(time.GetUtcNow()) },
            transaction);

    /// <summary>What a provider gave it takes back; who is an administrator by somebody here stays one.</summary>
    private static async Task<bool> SetAdminAsync(DbConnection connection, DbTransaction transaction, OpenIdPerson person, User user)
    {
        if (person.Admin is not { } admin || admin == user.Admin)
            return false;
        var values = new { person.Issuer, person.Subject, user.Id, admin = admin ? 1 : 0 };
        int may = admin ? 1 : await connection.ExecuteScalarAsync<int>(
            "SELECT admin_given FROM openid_identities WHERE issuer = @Issuer AND subject = @Subject;", values, transaction);
        if (may == 0)
            return false;
        await connection.ExecuteAsync("UPDATE users SET admin = @admin WHERE id = @Id;", values, transaction);
        await connection.ExecuteAsync("UPDATE openid_identities SET admin_given = @admin WHERE issuer = @Issuer AND subject = @Subject;", values, transaction);
        return true;
    }
}
