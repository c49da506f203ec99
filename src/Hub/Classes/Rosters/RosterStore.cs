using Dapper;
using Hub.Accounts;
using Hub.Auth;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Classes.Rosters;

/// <summary>Puts a whole roster into a class, or nothing of it.</summary>
public sealed class RosterStore(HubDatabase database, ClassesStore classes, PasswordsStore passwords, TimeProvider time, IOptions<AuthOptions> options)
{
    /// <summary>Makes the accounts that are missing, each with a one-time link if <paramref name="mayMake"/>, and puts everybody into the class.</summary>
    /// <param name="mayAgree">Whoever imports may let teachers reach people who had an account before.</param>
    /// <exception cref="RosterException">It does not fit the class.</exception>
    public Task<IReadOnlyList<RosterPerson>> ImportAsync(long classId, IReadOnlyList<RosterEntry> entries, bool mayMake, bool mayAgree, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<RosterPerson>>(async (connection, transaction) =>
        {
            if (await ClassesStore.FindAsync(connection, transaction, "c.id = @classId", new { classId }) is not { } found)
                return [];
            List<CsvProblem> problems = [];
            List<RosterPerson> people = [];
            foreach (RosterEntry entry in entries)
            {
                long? made = await connection.ExecuteScalarAsync<long?>(
                    """
                    INSERT INTO users (name, display_name, security_stamp, created) VALUES (@UserName, @display, @stamp, @now)
                    ON CONFLICT (name) DO NOTHING RETURNING id;
                    """,
                    new { entry.UserName, display = entry.DisplayName ?? entry.UserName, stamp = Secret.New(), now = StoredTime.ToStored(time.GetUtcNow()) },
                    transaction);
                if (made is not null && !mayMake)
                    problems.Add(new(entry.Line, $"there is no user {entry.UserName}, and only administrators make accounts here (Classes:TeachersMakeAccounts)"));
                if (made is null && await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM users WHERE name = @UserName AND guest = 1;", entry, transaction) > 0)
                    problems.Add(new(entry.Line, $"{entry.UserName} is a temporary guest"));
                await classes.AddMemberAsync(connection, transaction, classId, entry.UserName, entry.Teacher, agreed: made is not null || mayAgree);
                people.Add(made is { } id
                    ? new(entry, await passwords.AddLinkAsync(connection, transaction, id, TimeSpan.FromMinutes(options.Value.PasswordLinkMinutes)))
                    : new(entry, null));
            }
            long students = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM class_members WHERE class_id = @classId AND teacher = 0;", new { classId }, transaction);
            if (students > found.Capacity)
                problems.Add(new(entries[^1].Line, FormattableString.Invariant($"the class would have {students} students, and its capacity is {found.Capacity}")));
            if (problems.Count > 0)
                throw new RosterException(problems); // rolls back what was written so far: nothing is half imported
            return people;
        }, cancellationToken);
}
