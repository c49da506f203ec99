using System.Data.Common;
using System.Globalization;
using Dapper;
using Hub.Accounts;
using Hub.Storage;

namespace Hub.Classes;

/// <summary>
/// The group of each class that is not over, kept in step with its students in the same transactions. Being in it lets the teachers reach a student's
/// server, so nobody is put into it by a teacher's word alone: a student is in it who used the code, whose account was made for the class, or whom an
/// administrator put into the class. Administrators never are, since teachers would reach all they may.
/// </summary>
public sealed class ClassGroupsStore(HubDatabase database, GroupsStore groups, TimeProvider time)
{
    private readonly ReadCache<long, IReadOnlyList<Taught>> _taught = new(database, AccountKinds.Groups);

    /// <summary>What the groups' API calls whoever says who is in such a group; no provider's name has a space.</summary>
    public const string Source = Group.OfClass;

    /// <summary>The classes somebody teaches by id, with the name of the group where the class runs now. Asked at every request, so it is remembered.</summary>
    public async Task<IReadOnlyList<(long ClassId, string? Group)>> ListTaughtAsync(long userId, CancellationToken cancellationToken)
    {
        long asOf = _taught.AsOf;
        if (_taught.Find(userId) is not { } taught)
        {
            taught = await database.ReadAsync<IReadOnlyList<Taught>>(async connection =>
                [.. (await connection.QueryAsync<(long Id, string? Group, long? Opens, long? Closes)>(
                    """
                    SELECT c.id, CASE WHEN c.ended IS NULL THEN g.name END, c.opens, c.closes
                    FROM class_members m JOIN classes c ON c.id = m.class_id LEFT JOIN user_groups g ON g.id = c.group_id
                    WHERE m.user_id = @userId AND m.teacher = 1 ORDER BY c.id;
                    """,
                    new { userId })).Select(row => new Taught(row.Id, row.Group, row.Opens, row.Closes))], cancellationToken);
            _taught.Keep(userId, taught, asOf);
        }
        if (taught.Count == 0)
            return [];
        long now = StoredTime.ToStored(time.GetUtcNow());
        return [.. taught.Select(one => (one.ClassId, (one.Opens ?? now) <= now && (one.Closes ?? long.MaxValue) > now ? one.Group : null))];
    }

    /// <summary>Makes the group of a new class: <c>class-7</c>, or the next name that is free.</summary>
    internal async Task MakeAsync(DbConnection connection, DbTransaction transaction, long classId)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"class-{classId}");
        long? made = await groups.MakeAsync(connection, transaction, name, Source);
        for (int i = 2; made is null; i++)
            made = await groups.MakeAsync(connection, transaction, string.Create(CultureInfo.InvariantCulture, $"{name}-{i}"), Source);
        await connection.ExecuteAsync("UPDATE classes SET group_id = @made WHERE id = @classId;", new { made, classId }, transaction);
    }

    /// <summary>A student agreed to be taught; nothing happens for teachers, administrators and in a class that is over.</summary>
    internal static Task AddAsync(DbConnection connection, DbTransaction transaction, long classId, string userName) =>
        connection.ExecuteAsync(
            """
            INSERT INTO group_members (group_id, user_id) SELECT c.group_id, u.id FROM class_members m JOIN classes c ON c.id = m.class_id JOIN users u ON u.id = m.user_id
            WHERE m.class_id = @classId AND m.teacher = 0 AND u.name = @userName AND u.admin = 0 AND c.group_id IS NOT NULL ON CONFLICT (group_id, user_id) DO NOTHING;
            """,
            new { classId, userName },
            transaction);

    internal static Task RemoveAsync(DbConnection connection, DbTransaction transaction, long classId, string userName) =>
        connection.ExecuteAsync(
            """
            DELETE FROM group_members WHERE group_id = (SELECT group_id FROM classes WHERE id = @classId) AND user_id = (SELECT id FROM users WHERE name = @userName);
            """,
            new { classId, userName },
            transaction);

    /// <summary>The class is over, or about to be forgotten: nobody reaches anybody by it any more.</summary>
    internal static Task EndAsync(DbConnection connection, DbTransaction transaction, long classId) =>
        connection.ExecuteAsync("DELETE FROM user_groups WHERE id = (SELECT group_id FROM classes WHERE id = @classId);", new { classId }, transaction);

    /// <param name="Group">Null when the class is over.</param>
    private sealed record Taught(long ClassId, string? Group, long? Opens, long? Closes);
}
