using System.Data.Common;
using Dapper;
using Hub.Accounts;
using Hub.Auth;
using Hub.Storage;

namespace Hub.Classes;

/// <summary>Joining by code, as one transaction: a whole class does it in the same minute.</summary>
public sealed class JoinStore(HubDatabase database, ClassesStore classes, SignInsStore signIns, TimeProvider time)
{
    /// <summary>Longer than anything people tell each other, and never a name the rule for user names refuses.</summary>
    private const string Letters = "23456789abcdefghjkmnpqrstvwxyz";

    private const int LettersOfName = 8;

    /// <summary>Is there a class with this code? Asked first, so that who guesses keeps no writer waiting.</summary>
    public Task<bool> IsKnownAsync(string code, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM classes WHERE code = @code;", new { code }) > 0, cancellationToken);

    /// <summary>Somebody with an account joins.</summary>
    public Task<JoinOutcome> JoinAsync(string code, Caller caller, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            if (await ClassesStore.FindAsync(connection, transaction, "c.code = @code", new { code }) is not { } found)
                return new JoinOutcome(JoinRefusal.NoSuchCode, null);
            bool member = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM class_members WHERE class_id = @Id AND user_id = @UserId;", new { found.Id, caller.UserId }, transaction) > 0;
            JoinRefusal refusal = JoinPolicy.Decide(found, member, caller.Guest, time.GetUtcNow());
            if (refusal != JoinRefusal.None || member)
            {
                // Whom a teacher had put on the list agrees by using the code.
                if (refusal == JoinRefusal.None)
                    await ClassGroupsStore.AddAsync(connection, transaction, found.Id, caller.UserName);
                return new JoinOutcome(refusal, found);
            }
            await classes.AddMemberAsync(connection, transaction, found.Id, caller.UserName, teacher: false, agreed: true);
            await CountAsync(connection, transaction, found.Id);
            return new JoinOutcome(JoinRefusal.None, found, NewMember: true);
        }, cancellationToken);

    /// <summary>Somebody without an account joins: a guest is made, put into the class and signed in, or nothing happens at all.</summary>
    public Task<JoinOutcome> JoinAsGuestAsync(string code, string displayName, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            if (await ClassesStore.FindAsync(connection, transaction, "c.code = @code", new { code }) is not { } found)
                return new JoinOutcome(JoinRefusal.NoSuchCode, null);
            JoinRefusal refusal = JoinPolicy.Decide(found, member: false, guest: true, time.GetUtcNow());
            if (refusal != JoinRefusal.None)
                return new JoinOutcome(refusal, found);
            User guest = await MakeAsync(connection, transaction, displayName);
            await classes.AddMemberAsync(connection, transaction, found.Id, guest.Name, teacher: false, agreed: true);
            await CountAsync(connection, transaction, found.Id);
            (string secret, SignIn signIn) = await signIns.AddAsync(connection, transaction, guest.Id, guest.SecurityStamp);
            return new JoinOutcome(JoinRefusal.None, found, NewMember: true, new NewGuest(guest, secret, signIn));
        }, cancellationToken);

    private async Task<User> MakeAsync(DbConnection connection, DbTransaction transaction, string displayName)
    {
        for (; ; )
        {
            string name = "guest-" + System.Security.Cryptography.RandomNumberGenerator.GetString(Letters, LettersOfName);
            string stamp = Secret.New();
            DateTimeOffset now = time.GetUtcNow();
            long? id = await connection.ExecuteScalarAsync<long?>(
                """
                INSERT INTO users (name, display_name, guest, security_stamp, created) VALUES (@name, @displayName, 1, @stamp, @now)
                ON CONFLICT (name) DO NOTHING RETURNING id;
                """,
                new { name, displayName, stamp, now = StoredTime.ToStored(now) },
                transaction);
            if (id is { } known)
                return new User(known, name, displayName, Admin: false, Disabled: false, HasPassword: false, stamp, now, null) { Guest = true };
        }
    }

    private static Task<int> CountAsync(DbConnection connection, DbTransaction transaction, long id) =>
        connection.ExecuteAsync("UPDATE classes SET code_uses = code_uses + 1 WHERE id = @id;", new { id }, transaction);
}
