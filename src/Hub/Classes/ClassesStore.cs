using System.Data.Common;
using Dapper;
using Hub.Storage;

namespace Hub.Classes;

/// <summary>Classes in the database: what they are, who is in them, and their codes.</summary>
public sealed class ClassesStore(HubDatabase database, ClassGroupsStore groups, TimeProvider time)
{
    private long Now => StoredTime.ToStored(time.GetUtcNow());

    public Task<Class?> FindAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => FindAsync(connection, null, "c.id = @id", new { id }), cancellationToken);

    /// <summary>One page of classes, the newest first, and how many there are on all pages.</summary>
    public Task<(IReadOnlyList<Class> Classes, int Total)> ListAsync(ClassQuery query, CancellationToken cancellationToken) =>
        database.ReadAsync<(IReadOnlyList<Class>, int)>(async connection =>
        {
            string where = query.MemberId is null ? "" : " WHERE EXISTS (SELECT 1 FROM class_members m WHERE m.class_id = c.id AND m.user_id = @MemberId)";
            int total = await connection.ExecuteScalarAsync<int>($"SELECT COUNT(*) FROM classes c{where};", query);
            IEnumerable<ClassRow> rows = await connection.QueryAsync<ClassRow>(
                $"SELECT {ClassRow.Columns} FROM {ClassRow.Tables}{where} ORDER BY c.id DESC LIMIT @Limit OFFSET @Offset;", query);
            return (await WithTeachersAsync(connection, [.. rows]), total);
        }, cancellationToken);

    /// <summary>Classes that closed before <paramref name="before"/> and were not ended yet.</summary>
    public Task<IReadOnlyList<Class>> ListOverdueAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Class>>(async connection => await WithTeachersAsync(connection, [.. await connection.QueryAsync<ClassRow>(
            $"SELECT {ClassRow.Columns} FROM {ClassRow.Tables} WHERE c.ended IS NULL AND c.closes <= @before ORDER BY c.id;", new { before = StoredTime.ToStored(before) })]),
            cancellationToken);

    /// <summary>Classes that were not ended, and whose time was over after <paramref name="from"/> and not after <paramref name="to"/>.</summary>
    public Task<IReadOnlyList<Class>> ListClosedAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Class>>(async connection => await WithTeachersAsync(connection, [.. await connection.QueryAsync<ClassRow>(
            $"SELECT {ClassRow.Columns} FROM {ClassRow.Tables} WHERE c.ended IS NULL AND c.closes > @from AND c.closes <= @to ORDER BY c.id;",
            new { from = StoredTime.ToStored(from), to = StoredTime.ToStored(to) })]),
            cancellationToken);

    /// <summary>When the next class closes after a moment; null when none does.</summary>
    public Task<DateTimeOffset?> FindNextClosingAsync(DateTimeOffset after, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => StoredTime.FromStored(await connection.ExecuteScalarAsync<long?>(
            "SELECT MIN(closes) FROM classes WHERE ended IS NULL AND closes > @after;", new { after = StoredTime.ToStored(after) })), cancellationToken);

    /// <summary>The class whose rules hold for a student now: the one they joined last of those that run; null for everybody else.</summary>
    public Task<Class?> FindRunningOfAsync(string userName, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => (await connection.QueryAsync<ClassRow>(
            $"""
            SELECT {ClassRow.Columns} FROM {ClassRow.Tables} JOIN class_members m ON m.class_id = c.id JOIN users u ON u.id = m.user_id
            WHERE u.name = @userName AND m.teacher = 0 AND c.ended IS NULL AND (c.opens IS NULL OR c.opens <= @Now) AND (c.closes IS NULL OR c.closes > @Now)
            ORDER BY m.joined DESC, c.id DESC LIMIT 1;
            """,
            new { userName, Now })).SingleOrDefault()?.ToClass([]), cancellationToken);

    /// <summary>
    /// The students for whom the class that runs says after what time without use their kernels are stopped. One statement for all: it is asked every
    /// few seconds, and mostly no class says it.
    /// </summary>
    public Task<IReadOnlyDictionary<string, TimeSpan>> FindIdleTimesAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
        {
            Dictionary<string, TimeSpan?> newest = [];
            foreach ((string name, long? seconds) in await connection.QueryAsync<(string, long?)>(
                """
                SELECT u.name, c.idle_seconds FROM classes c JOIN class_members m ON m.class_id = c.id JOIN users u ON u.id = m.user_id
                WHERE m.teacher = 0 AND c.ended IS NULL AND (c.opens IS NULL OR c.opens <= @Now) AND (c.closes IS NULL OR c.closes > @Now)
                  AND EXISTS (SELECT 1 FROM classes i WHERE i.idle_seconds IS NOT NULL AND i.ended IS NULL)
                ORDER BY m.joined DESC, c.id DESC;
                """,
                new { Now }))
                newest.TryAdd(name, seconds is { } known ? TimeSpan.FromSeconds(known) : null);
            return (IReadOnlyDictionary<string, TimeSpan>)newest.Where(one => one.Value is not null).ToDictionary(one => one.Key, one => one.Value!.Value);
        }, cancellationToken);

    /// <summary>What classes want to be ready that open within <paramref name="before"/> or opened at most <paramref name="after"/> ago.</summary>
    public Task<IReadOnlyList<ReadyWish>> FindReadyAsync(TimeSpan before, TimeSpan after, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
        {
            DateTimeOffset now = time.GetUtcNow();
            IEnumerable<(long Id, string Environment, long Count, string? Student)> rows = await connection.QueryAsync<(long, string, long, string?)>(
                """
                SELECT c.id, c.environment, c.ready_kernels, u.name FROM classes c
                  LEFT JOIN class_members m ON m.class_id = c.id AND m.teacher = 0 LEFT JOIN users u ON u.id = m.user_id
                WHERE c.ready_kernels IS NOT NULL AND c.ended IS NULL AND c.opens <= @soon AND c.opens > @past AND (c.closes IS NULL OR c.closes > @Now)
                ORDER BY c.id;
                """,
                new { soon = StoredTime.ToStored(now + before), past = StoredTime.ToStored(now - after), Now });
            return (IReadOnlyList<ReadyWish>)[.. rows.GroupBy(row => (row.Id, row.Environment, row.Count))
                .Select(one => new ReadyWish(one.Key.Environment, (int)one.Key.Count, [.. one.Select(row => row.Student).OfType<string>()]))];
        }, cancellationToken);

    /// <summary>What the homes of people may hold because of classes that are not ended, the largest of each, by name.</summary>
    public Task<IReadOnlyDictionary<string, long>> FindHomeQuotasAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
            (IReadOnlyDictionary<string, long>)(await connection.QueryAsync<(string Name, long Bytes)>(
                """
                SELECT u.name, MAX(c.home_quota_bytes) FROM classes c JOIN class_members m ON m.class_id = c.id JOIN users u ON u.id = m.user_id
                WHERE c.home_quota_bytes IS NOT NULL AND c.ended IS NULL GROUP BY u.name;
                """)).ToDictionary(one => one.Name, one => one.Bytes, StringComparer.Ordinal), cancellationToken);

    /// <summary>Makes a class with its code and its teachers, all of whom exist.</summary>
    public Task<Class> CreateAsync(ClassChange wanted, IReadOnlyCollection<string> teachers, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            long id = await connection.ExecuteScalarAsync<long>(
                """
                INSERT INTO classes (name, folder, environment, max_kernels, memory_bytes, cpu_milli, idle_seconds, ready_kernels, home_quota_bytes, capacity, guests, opens, closes, materials_user, materials_path, created)
                VALUES (@Name, @folder, @Environment, @MaxKernels, @MemoryBytes, @CpuMilli, @IdleSeconds, @ReadyKernels, @HomeQuotaBytes, @Capacity, @Guests, @Opens, @Closes,
                  (SELECT id FROM users WHERE name = @MaterialsUser), COALESCE(@MaterialsPath, ''), @Now) RETURNING id;
                """,
                Values(0, wanted, FolderName.Of(wanted.Name ?? "")),
                transaction);
            await groups.MakeAsync(connection, transaction, id);
            foreach (string teacher in teachers)
                await AddMemberAsync(connection, transaction, id, teacher, teacher: true, agreed: false);
            await RenewCodeAsync(connection, transaction, id, new ClassCode());
            return (await FindAsync(connection, transaction, "c.id = @id", new { id }))!;
        }, cancellationToken);

    /// <summary>The class after the change; null when there is none of this id.</summary>
    public Task<Class?> ChangeAsync(long id, ClassChange change, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync(
                """
                UPDATE classes SET name = COALESCE(@Name, name), environment = COALESCE(@Environment, environment), capacity = COALESCE(@Capacity, capacity),
                  guests = COALESCE(@Guests, guests), materials_path = COALESCE(@MaterialsPath, materials_path),
                  max_kernels = CASE WHEN @ChangesLimits = 1 THEN @MaxKernels ELSE max_kernels END,
                  memory_bytes = CASE WHEN @ChangesLimits = 1 THEN @MemoryBytes ELSE memory_bytes END,
                  cpu_milli = CASE WHEN @ChangesLimits = 1 THEN @CpuMilli ELSE cpu_milli END,
                  idle_seconds = CASE WHEN @ChangesLimits = 1 THEN @IdleSeconds ELSE idle_seconds END,
                  ready_kernels = CASE WHEN @ChangesReady = 1 THEN @ReadyKernels ELSE ready_kernels END,
                  home_quota_bytes = CASE WHEN @ChangesHomes = 1 THEN @HomeQuotaBytes ELSE home_quota_bytes END,
                  opens = CASE WHEN @ChangesOpens = 1 THEN @Opens ELSE opens END,
                  closes = CASE WHEN @ChangesCloses = 1 THEN @Closes ELSE closes END,
                  materials_user = CASE WHEN @ChangesUser = 1 THEN (SELECT id FROM users WHERE name = @MaterialsUser) ELSE materials_user END
                WHERE id = @id;
                """,
                Values(id, change, ""),
                transaction);
            return await FindAsync(connection, transaction, "c.id = @id", new { id });
        }, cancellationToken);

    /// <summary>Forgets the class and who was in it; false when there was none.</summary>
    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            await ClassGroupsStore.EndAsync(connection, transaction, id);
            return await connection.ExecuteAsync("DELETE FROM classes WHERE id = @id;", new { id }, transaction) > 0;
        }, cancellationToken);

    /// <summary>Notes that the class is over; nobody joins it any more.</summary>
    public Task EndAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            await ClassGroupsStore.EndAsync(connection, transaction, id);
            return await connection.ExecuteAsync("UPDATE classes SET ended = @Now, code_closed = 1 WHERE id = @id AND ended IS NULL;", new { id, Now }, transaction);
        }, cancellationToken);

    /// <summary>Who is in the class: teachers first, then by the time they came.</summary>
    public Task<IReadOnlyList<ClassMember>> ListMembersAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ClassMember>>(async connection =>
            [.. (await connection.QueryAsync<MemberRow>(
                $"""
                SELECT {MemberRow.Columns} FROM class_members m JOIN users u ON u.id = m.user_id WHERE m.class_id = @id ORDER BY m.teacher DESC, m.joined, u.id;
                """,
                new { id })).Select(row => row.ToMember())], cancellationToken);

    /// <summary>One member; null when they are not in the class.</summary>
    public async Task<ClassMember?> FindMemberAsync(long id, string userName, CancellationToken cancellationToken) =>
        (await database.ReadAsync(connection => connection.QuerySingleOrDefaultAsync<MemberRow>(
            $"SELECT {MemberRow.Columns} FROM class_members m JOIN users u ON u.id = m.user_id WHERE m.class_id = @id AND u.name = @userName;",
            new { id, userName }), cancellationToken))?.ToMember();

    /// <summary>Of how many classes that are not over, beside one, somebody is a member.</summary>
    public Task<long> CountOpenOfAsync(long userId, long exceptClassId, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM class_members m JOIN classes c ON c.id = m.class_id WHERE m.user_id = @userId AND c.ended IS NULL AND c.id <> @exceptClassId;", new { userId, exceptClassId }), cancellationToken);

    /// <summary>Puts a user into the class, or makes them what they now are in it; false when there is no such user.</summary>
    /// <param name="agreed">The teachers may reach their server, see <see cref="ClassGroupsStore"/>; said once, it holds until they are taken out.</param>
    public Task<bool> AddMemberAsync(long id, string userName, bool teacher, bool agreed, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => AddMemberAsync(connection, transaction, id, userName, teacher, agreed), cancellationToken);

    /// <summary>Takes a user out of the class; false when they were not in it. Their files stay.</summary>
    public Task<bool> RemoveMemberAsync(long id, string userName, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            await ClassGroupsStore.RemoveAsync(connection, transaction, id, userName);
            return await connection.ExecuteAsync(
                "DELETE FROM class_members WHERE class_id = @id AND user_id = (SELECT id FROM users WHERE name = @userName);", new { id, userName }, transaction) > 0;
        }, cancellationToken);

    /// <summary>A new code with these limits; the old one is worth nothing any more.</summary>
    public Task<Class?> RenewCodeAsync(long id, ClassCode wanted, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            await RenewCodeAsync(connection, transaction, id, wanted);
            return await FindAsync(connection, transaction, "c.id = @id", new { id });
        }, cancellationToken);

    /// <summary>Closes the code, or opens it again.</summary>
    public Task<Class?> CloseCodeAsync(long id, bool closed, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("UPDATE classes SET code_closed = @closed WHERE id = @id;", new { id, closed = closed ? 1 : 0 }, transaction);
            return await FindAsync(connection, transaction, "c.id = @id", new { id });
        }, cancellationToken);

    /// <summary>Notes that the materials are in <paramref name="folder"/> of a member's home.</summary>
    public Task NoteHandedOutAsync(long id, long userId, string folder, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "UPDATE class_members SET handed_out = @Now, folder = @folder WHERE class_id = @id AND user_id = @userId;", new { id, userId, folder, Now }, transaction), cancellationToken);

    /// <summary>Members of classes that run whose materials still wait, such as after a restart of the hub.</summary>
    public Task<IReadOnlyList<(long ClassId, string UserName)>> ListWaitingAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<(long, string)>>(async connection =>
            [.. await connection.QueryAsync<(long, string)>(
                """
                SELECT m.class_id, u.name FROM class_members m JOIN users u ON u.id = m.user_id JOIN classes c ON c.id = m.class_id
                WHERE m.handed_out IS NULL AND m.teacher = 0 AND c.ended IS NULL ORDER BY m.joined;
                """)], cancellationToken);

    /// <summary>One class by a condition on <c>c</c>, with its teachers, within a transaction or without.</summary>
    internal static async Task<Class?> FindAsync(DbConnection connection, DbTransaction? transaction, string condition, object values)
    {
        ClassRow? row = await connection.QuerySingleOrDefaultAsync<ClassRow>($"SELECT {ClassRow.Columns} FROM {ClassRow.Tables} WHERE {condition};", values, transaction);
        return row?.ToClass([.. await connection.QueryAsync<string>(
            "SELECT u.name FROM class_members m JOIN users u ON u.id = m.user_id WHERE m.class_id = @Id AND m.teacher = 1 ORDER BY u.name;", new { row.Id }, transaction)]);
    }

    internal async Task<bool> AddMemberAsync(DbConnection connection, DbTransaction transaction, long id, string userName, bool teacher, bool agreed)
    {
        bool known = await connection.ExecuteAsync(
            """
            INSERT INTO class_members (class_id, user_id, teacher, joined) SELECT @id, id, @teacher, @Now FROM users WHERE name = @userName
            ON CONFLICT (class_id, user_id) DO UPDATE SET teacher = @teacher;
            """,
            new { id, userName, teacher = teacher ? 1 : 0, Now },
            transaction) > 0;
        if (teacher)
            await ClassGroupsStore.RemoveAsync(connection, transaction, id, userName);
        else if (agreed)
            await ClassGroupsStore.AddAsync(connection, transaction, id, userName);
        return known;
    }

    /// <summary>A code nobody has: they are so many that the second try is already a wonder.</summary>
    private static async Task RenewCodeAsync(DbConnection connection, DbTransaction transaction, long id, ClassCode wanted)
    {
        string code = JoinCode.New();
        while (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM classes WHERE code = @code;", new { code }, transaction) > 0)
            code = JoinCode.New();
        await connection.ExecuteAsync(
            "UPDATE classes SET code = @code, code_closed = 0, code_uses = 0, code_expires = @expires, code_max_uses = @MaxUses WHERE id = @id;",
            new { id, code, expires = StoredTime.ToStored(wanted.ExpiresAt), wanted.MaxUses },
            transaction);
    }

    private static async Task<IReadOnlyList<Class>> WithTeachersAsync(DbConnection connection, IReadOnlyList<ClassRow> rows)
    {
        List<Class> classes = [];
        foreach (ClassRow row in rows)
        {
            classes.Add(row.ToClass([.. await connection.QueryAsync<string>(
                "SELECT u.name FROM class_members m JOIN users u ON u.id = m.user_id WHERE m.class_id = @Id AND m.teacher = 1 ORDER BY u.name;", new { row.Id })]));
        }
        return classes;
    }

    private object Values(long id, ClassChange change, string folder) => new
    {
        id,
        folder,
        change.Name,
        change.Environment,
        ChangesLimits = change.Limits is null ? 0 : 1,
        change.Limits?.MaxKernels,
        change.Limits?.MemoryBytes,
        CpuMilli = change.Limits?.Cpus is { } cpus ? (long?)Math.Round(cpus * 1000) : null,
        IdleSeconds = (long?)change.Limits?.IdleAfter?.TotalSeconds,
        ChangesReady = change.ReadyKernels is null ? 0 : 1,
        ReadyKernels = change.ReadyKernels is > 0 ? change.ReadyKernels : null,
        ChangesHomes = change.HomeQuotaBytes is null ? 0 : 1,
        HomeQuotaBytes = change.HomeQuotaBytes is > 0 ? change.HomeQuotaBytes : null,
        change.Capacity,
        Guests = change.Guests is { } guests ? (int?)(guests ? 1 : 0) : null,
        ChangesOpens = change.ChangesOpens ? 1 : 0,
        Opens = StoredTime.ToStored(change.Opens),
        ChangesCloses = change.ChangesCloses ? 1 : 0,
        Closes = StoredTime.ToStored(change.Closes),
        ChangesUser = change.MaterialsUser is null ? 0 : 1,
        change.MaterialsUser,
        change.MaterialsPath,
        Now,
    };

    /// <summary>A row of members as the database driver fills it.</summary>
    private sealed class MemberRow
    {
        public const string Columns = "u.id AS user_id, u.name AS user_name, u.display_name, u.guest, m.teacher, m.joined, m.folder, m.handed_out,"
            + " (SELECT COUNT(*) FROM group_members gm JOIN classes mc ON mc.group_id = gm.group_id WHERE mc.id = m.class_id AND gm.user_id = m.user_id) AS reached";

        public long UserId { get; init; }

        public string UserName { get; init; } = "";

        public string DisplayName { get; init; } = "";

        public bool Guest { get; init; }

        public bool Teacher { get; init; }

        public long Joined { get; init; }

        public string? Folder { get; init; }

        public long? HandedOut { get; init; }

        public bool Reached { get; init; }

        public ClassMember ToMember() =>
            new(UserId, UserName, DisplayName, Guest, Teacher, StoredTime.FromStored(Joined), Folder ?? "", StoredTime.FromStored(HandedOut)) { Reached = Reached };
    }
}
