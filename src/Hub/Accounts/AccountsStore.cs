using System.Data.Common;
using System.Text;
using Dapper;
using Hub.Storage;

namespace Hub.Accounts;

/// <summary>Users in the database. Names are normalised by the caller.</summary>
public sealed class AccountsStore(HubDatabase database, TimeProvider time)
{
    private const int FewEnoughToSort = 5000;

    /// <summary>Of so many each is looked for alone, since they are often known; more are one query.</summary>
    private const int FewEnoughToFind = 8;

    private readonly ReadCache<string, User> _known = new(database, AccountKinds.Users);
    private readonly ReadCache<string, object> _counts = new(database, AccountKinds.Users, AccountKinds.Roster);

    private const int IsAdmin = 1, IsDisabled = 2, IsGuest = 4, HasPassword = 8;

    /// <summary>What <see cref="Read"/> reads. Lists have hundreds of users, and each column of each costs some calls of the driver: so the flags are one.</summary>
    private const string ListColumns =
        "id, name, display_name, admin + 2 * disabled + 4 * guest + CASE WHEN password_hash IS NULL THEN 0 ELSE 8 END AS flags, security_stamp, created, last_activity";

    private const string Columns = "id, name, display_name, admin, disabled, guest, password_hash IS NOT NULL AS has_password, security_stamp, created, last_activity";

    public async Task<User?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_known.Find(name) is { } known)
            return known;
        long asOf = _known.AsOf;
        User? found = await database.ReadAsync(async connection =>
            (await connection.QuerySingleOrDefaultAsync<UserRow>($"SELECT {Columns} FROM users WHERE name = @name;", new { name }))?.ToUser(), cancellationToken);
        if (found is not null)
            _known.Keep(name, found, asOf);
        return found;
    }

    /// <summary>Those of <paramref name="names"/> there are, by id.</summary>
    public async Task<IReadOnlyList<User>> FindAllAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        if (names.Count > FewEnoughToFind)
            return (await ListAsync(new UserQuery { Only = names, Limit = int.MaxValue }, cancellationToken)).Users;
        List<User> found = [];
        foreach (string name in names.Distinct())
        {
            if (await FindAsync(name, cancellationToken) is { } one)
                found.Add(one);
        }
        found.Sort((one, other) => one.Id.CompareTo(other.Id));
        return found;
    }

    public Task<long> CountAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM users;"), cancellationToken);

    /// <summary>How many users did something since each of these moments.</summary>
    public Task<long[]> CountActiveAsync(IReadOnlyList<DateTimeOffset> since, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
        {
            long[] counts = new long[since.Count];
            for (int i = 0; i < counts.Length; i++)
                counts[i] = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM users WHERE last_activity >= @at;", new { at = StoredTime.ToStored(since[i]) });
            return counts;
        }, cancellationToken);

    /// <summary>One page of users, and how many there are on all pages.</summary>
    public Task<(IReadOnlyList<User> Users, int Total)> ListAsync(UserQuery query, CancellationToken cancellationToken) =>
        database.ReadAsync<(IReadOnlyList<User>, int)>(async connection =>
        {
            string where = Where(query);
            string order = query.Order switch
            {
                UserOrder.Name => "name",
                UserOrder.LastActivity => "COALESCE(last_activity, created)",
                _ => "id",
            };
            string direction = query.Descending ? "DESC" : "ASC";
            var values = new { Among = database.ListOf(query.Among ?? []), AmongGroups = database.ListOf(query.AmongGroups), Only = database.ListOf(query.Only ?? []), Except = database.ListOf(query.Except), Part = LikePart(query.NamePart), query.Limit, query.Offset };
            int total = await CountAsync(connection, query, where, values);
            if (total <= query.Offset)
                return ([], total);
            // Of few the page is sorted; of many it is found sooner by walking along the order until it is full. Which of the two it is the engine cannot know.
            string chosen = where.Length > 0 && total <= FewEnoughToSort
                ? $"WITH found AS MATERIALIZED (SELECT id AS found_id FROM users{where}) SELECT {ListColumns} FROM found, users WHERE id = found_id"
                : $"SELECT {ListColumns} FROM users{where}";
            await using DbDataReader rows = await connection.ExecuteReaderAsync($"{chosen} ORDER BY {order} {direction}, id {direction} LIMIT @Limit OFFSET @Offset;", values);
            List<User> users = [];
            while (await rows.ReadAsync(cancellationToken))
                users.Add(Read(rows));
            return (users, total);
        }, cancellationToken);

    /// <summary>Creates those of <paramref name="names"/> that are not there yet, in one transaction, and returns them.</summary>
    public Task<IReadOnlyList<User>> CreateAsync(IEnumerable<string> names, bool admin, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<User>>([AccountKinds.Roster], async (connection, transaction) =>
        {
            var created = new List<User>();
            foreach (string name in names)
            {
                UserRow? row = await connection.QuerySingleOrDefaultAsync<UserRow>(
                    $"""
                    INSERT INTO users (name, display_name, admin, security_stamp, created)
                    SELECT @name, @name, @admin, @stamp, @now WHERE NOT EXISTS (SELECT 1 FROM users WHERE name = @name)
                    RETURNING {Columns};
                    """,
                    new { name, admin = admin ? 1 : 0, stamp = Secret.New(), now = StoredTime.ToStored(time.GetUtcNow()) },
                    transaction);
                if (row is not null)
                    created.Add(row.ToUser());
            }
            return created;
        }, null, cancellationToken);

    /// <summary>The user after the change; null when there is none of this id or the new name is taken.</summary>
    public Task<User?> ChangeAsync(long id, UserChange change, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            if (change.Name is not null && await IsTakenAsync(connection, transaction, change.Name, id))
                return null;
            UserRow? row = await connection.QuerySingleOrDefaultAsync<UserRow>(
                $"""
                UPDATE users SET name = COALESCE(@Name, name), display_name = COALESCE(@DisplayName, display_name),
                  admin = COALESCE(@Admin, admin), disabled = COALESCE(@Disabled, disabled)
                WHERE id = @id RETURNING {Columns};
                """,
                new { id, change.Name, change.DisplayName, Admin = Flag(change.Admin), Disabled = Flag(change.Disabled) },
                transaction);
            // A teacher reaches all that their students may: who becomes an administrator leaves the groups of classes.
            if (change.Admin == true)
            {
                await connection.ExecuteAsync(
                    "DELETE FROM group_members WHERE user_id = @id AND group_id IN (SELECT g.id FROM user_groups g WHERE g.source = @source);",
                    new { id, source = Group.OfClass },
                    transaction);
            }
            return row?.ToUser();
        }, cancellationToken);

    /// <summary>Deletes the user with all tokens and sign-ins; false when there was none.</summary>
    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
            await connection.ExecuteAsync("DELETE FROM users WHERE id = @id;", new { id }, transaction) > 0, cancellationToken);

    /// <summary>Notes that the user did something; time never goes back.</summary>
    public Task NoteActivityAsync(long id, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.WriteAsync([AccountKinds.Users], (connection, transaction) => connection.ExecuteAsync(
            "UPDATE users SET last_activity = @at WHERE id = @id AND (last_activity IS NULL OR last_activity < @at);",
            new { id, at = StoredTime.ToStored(at) },
            transaction), cancellationToken);

    private static async Task<bool> IsTakenAsync(DbConnection connection, DbTransaction transaction, string name, long id) =>
        await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM users WHERE name = @name AND id <> @id;", new { name, id }, transaction) > 0;

    /// <summary>Counting goes through all there are, so it is done once between two writes for what is asked again and again: one list, page after page.</summary>
    private async Task<int> CountAsync(DbConnection connection, UserQuery query, string where, object values)
    {
        string? key = query.Among is null && query.Only is null && query.Except.Count == 0 ? $"{where} {query.NamePart}" : null;
        if (key is not null && _counts.Find(key) is { } known)
            return (int)known;
        long asOf = _counts.AsOf;
        int total = await connection.ExecuteScalarAsync<int>($"SELECT COUNT(*) FROM users{where};", values);
        if (key is not null)
            _counts.Keep(key, total, asOf);
        return total;
    }

    private string Where(UserQuery query)
    {
        var conditions = new List<string>();
        if (query.Among is not null)
        {
            string byGroup = $"id IN (SELECT m.user_id FROM group_members m JOIN user_groups g ON g.id = m.group_id WHERE {database.IsIn("g.name", "@AmongGroups")})";
            conditions.Add(query.AmongGroups.Count > 0 ? $"({database.IsIn("name", "@Among")} OR {byGroup})" : database.IsIn("name", "@Among"));
        }
        if (query.Only is not null)
            conditions.Add(database.IsIn("name", "@Only"));
        if (query.NamePart is not null)
            conditions.Add(@"name LIKE @Part ESCAPE '\'");
        if (query.Except.Count > 0)
            conditions.Add($"NOT ({database.IsIn("name", "@Except")})");
        if (query.Admin is { } admin)
            conditions.Add(admin ? "admin <> 0" : "admin = 0");
        if (query.Disabled is { } disabled)
            conditions.Add(disabled ? "disabled <> 0" : "disabled = 0");
        return conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
    }

    /// <summary>The user in the present row of <see cref="ListColumns"/>.</summary>
    private static User Read(DbDataReader row)
    {
        long flags = row.GetInt64(3);
        return new User(
            row.GetInt64(0), row.GetString(1), row.GetString(2), (flags & IsAdmin) != 0, (flags & IsDisabled) != 0, (flags & HasPassword) != 0, row.GetString(4),
            StoredTime.FromStored(row.GetInt64(5)), row.IsDBNull(6) ? null : StoredTime.FromStored(row.GetInt64(6)))
        {
            Guest = (flags & IsGuest) != 0,
        };
    }

    private static string? LikePart(string? part) => part is null
        ? null
        : $"%{new StringBuilder(UserName.Normalise(part)).Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";

    private static int? Flag(bool? value) => value is { } known ? known ? 1 : 0 : null;
}
