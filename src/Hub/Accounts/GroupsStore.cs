using System.Data.Common;
using Dapper;
using Hub.Storage;

namespace Hub.Accounts;

/// <summary>Groups in the database, and who is in them.</summary>
public sealed class GroupsStore(HubDatabase database, TimeProvider time)
{
    private readonly ReadCache<long, IReadOnlyList<string>> _known = new(database);

    private const string Columns = "g.id, g.name, g.source, g.properties";

    public Task<Group?> FindAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => FindAsync(connection, null, name), cancellationToken);

    /// <summary>The group without looking up its members, of whom it then names none.</summary>
    public Task<Group?> FindEmptyAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => (await RowsAsync(connection, null, name)).Select(row => row.ToGroup([])).SingleOrDefault(), cancellationToken);

    /// <summary>Those of <paramref name="names"/> who are in the group.</summary>
    public Task<IReadOnlyList<string>> AmongAsync(long id, IEnumerable<string> names, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<string>>(async connection =>
        [
            .. await connection.QueryAsync<string>(
                $"SELECT u.name FROM users u JOIN group_members m ON m.user_id = u.id WHERE m.group_id = @id AND {database.IsIn("u.name", "@Names")};",
                new { id, Names = database.ListOf(names) }),
        ], cancellationToken);

    /// <summary>One page of groups in the order they were made, and how many there are on all pages; null <paramref name="among"/> is for all.</summary>
    public Task<(IReadOnlyList<Group> Groups, int Total)> ListAsync(IReadOnlyCollection<string>? among, int offset, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<(IReadOnlyList<Group>, int)>(async connection =>
        {
            string where = among is null ? "" : $" WHERE {database.IsIn("g.name", "@Among")}";
            var values = new { Among = database.ListOf(among ?? []), limit, offset };
            int total = await connection.ExecuteScalarAsync<int>($"SELECT COUNT(*) FROM user_groups g{where};", values);
            List<GroupRow> rows = [.. await connection.QueryAsync<GroupRow>($"SELECT {Columns} FROM user_groups g{where} ORDER BY g.id LIMIT @limit OFFSET @offset;", values)];
            return (await WithUsersAsync(connection, null, rows), total);
        }, cancellationToken);

    /// <summary>Makes those of <paramref name="names"/> that are not there yet, in one transaction, and returns them.</summary>
    public Task<IReadOnlyList<Group>> CreateAsync(IEnumerable<string> names, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<Group>>(async (connection, transaction) =>
        {
            var created = new List<Group>();
            foreach (string name in names)
            {
                if (await InsertAsync(connection, transaction, name, source: null, "{}") is { } id)
                    created.Add(new Group(id, name, null, "{}", []));
            }
            return created;
        }, cancellationToken);

    /// <summary>Makes a group with members; null when there is one of this name.</summary>
    public Task<Group?> CreateAsync(string name, string properties, IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            if (await InsertAsync(connection, transaction, name, source: null, properties) is not { } id)
                return null;
            await AddAsync(connection, transaction, id, userIds);
            return await FindAsync(connection, transaction, name);
        }, cancellationToken);

    /// <summary>False when there was none; who was in it stays a user.</summary>
    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
            await connection.ExecuteAsync("DELETE FROM user_groups WHERE id = @id;", new { id }, transaction) > 0, cancellationToken);

    /// <summary>Puts users into a group; who is in it already stays.</summary>
    public Task AddAsync(long id, IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => AddAsync(connection, transaction, id, userIds), cancellationToken);

    public Task RemoveAsync(long id, IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => RemoveAsync(connection, transaction, id, userIds), cancellationToken);

    public Task SetPropertiesAsync(long id, string properties, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) =>
            connection.ExecuteAsync("UPDATE user_groups SET properties = @properties WHERE id = @id;", new { id, properties }, transaction), cancellationToken);

    /// <summary>Names of the groups a user is in, sorted.</summary>
    public async Task<IReadOnlyList<string>> OfUserAsync(long userId, CancellationToken cancellationToken)
    {
        if (_known.Find(userId) is { } known)
            return known;
        long asOf = database.Writes;
        IReadOnlyList<string> found = await database.ReadAsync<IReadOnlyList<string>>(async connection =>
            [.. await connection.QueryAsync<string>($"SELECT g.name {Memberships} WHERE m.user_id = @userId ORDER BY g.name;", new { userId })], cancellationToken);
        _known.Keep(userId, found, asOf);
        return found;
    }

    /// <summary>The groups of each of these users by name, sorted; who is in none is not in the answer.</summary>
    public Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> OfUsersAsync(IReadOnlyCollection<string> userNames, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<string, IReadOnlyList<string>>>(async connection =>
        {
            IEnumerable<(string User, string Group)> pairs = await connection.QueryAsync<(string, string)>(
                $"SELECT u.name, g.name {Memberships} JOIN users u ON u.id = m.user_id WHERE {database.IsIn("u.name", "@Names")} ORDER BY g.name;",
                new { Names = database.ListOf(userNames) });
            return pairs.GroupBy(pair => pair.User).ToDictionary(user => user.Key, IReadOnlyList<string> (user) => [.. user.Select(pair => pair.Group)]);
        }, cancellationToken);

    /// <summary>
    /// Makes <paramref name="groups"/> the only groups of <paramref name="source"/> the user is in; those not there yet are made. True when that changed anything.
    /// A group of the same name that is filled here, or by another provider, is left alone: a provider puts nobody into it.
    /// </summary>
    public Task<bool> SetFromAsync(string source, long userId, IReadOnlyCollection<string> groups, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            foreach (string name in groups)
                await InsertAsync(connection, transaction, name, source, "{}");
            long[] wanted =
            [
                .. await connection.QueryAsync<long>(
                    $"SELECT id FROM user_groups WHERE source = @source AND {database.IsIn("name", "@Names")};", new { source, Names = database.ListOf(groups) }, transaction),
            ];
            long[] held =
            [
                .. await connection.QueryAsync<long>(
                    $"SELECT g.id {Memberships} WHERE m.user_id = @userId AND g.source = @source;", new { source, userId }, transaction),
            ];
            foreach (long id in held.Except(wanted))
                await RemoveAsync(connection, transaction, id, [userId]);
            foreach (long id in wanted.Except(held))
                await AddAsync(connection, transaction, id, [userId]);
            return !held.ToHashSet().SetEquals(wanted);
        }, cancellationToken);

    /// <summary>The groups of everybody who is in one of <paramref name="groups"/>, as far as those, by user name.</summary>
    public Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> OfMembersAsync(IReadOnlyCollection<string> groups, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<string, IReadOnlyList<string>>>(async connection =>
        {
            IEnumerable<(string User, string Group)> pairs = await connection.QueryAsync<(string, string)>(
                $"SELECT u.name, g.name {Memberships} JOIN users u ON u.id = m.user_id WHERE {database.IsIn("g.name", "@Names")} ORDER BY g.name;",
                new { Names = database.ListOf(groups) });
            return pairs.GroupBy(pair => pair.User).ToDictionary(user => user.Key, IReadOnlyList<string> (user) => [.. user.Select(pair => pair.Group)]);
        }, cancellationToken);

    /// <summary>Makes an empty group that <paramref name="source"/> fills; null when there is one of this name.</summary>
    internal Task<long?> MakeAsync(DbConnection connection, DbTransaction transaction, string name, string source) =>
        InsertAsync(connection, transaction, name, source, "{}");

    private const string Memberships = "FROM group_members m JOIN user_groups g ON g.id = m.group_id";

    private static async Task<Group?> FindAsync(DbConnection connection, DbTransaction? transaction, string name)
    {
        return (await WithUsersAsync(connection, transaction, await RowsAsync(connection, transaction, name))).SingleOrDefault();
    }

    private static async Task<List<GroupRow>> RowsAsync(DbConnection connection, DbTransaction? transaction, string name) =>
        [.. await connection.QueryAsync<GroupRow>($"SELECT {Columns} FROM user_groups g WHERE g.name = @name;", new { name }, transaction)];

    private static async Task<IReadOnlyList<Group>> WithUsersAsync(DbConnection connection, DbTransaction? transaction, List<GroupRow> rows)
    {
        var groups = new List<Group>(rows.Count);
        foreach (GroupRow row in rows)
        {
            IEnumerable<string> users = await connection.QueryAsync<string>(
                "SELECT u.name FROM group_members m JOIN users u ON u.id = m.user_id WHERE m.group_id = @Id ORDER BY u.name;", new { row.Id }, transaction);
            groups.Add(row.ToGroup([.. users]));
        }
        return groups;
    }

    private Task<long?> InsertAsync(DbConnection connection, DbTransaction transaction, string name, string? source, string properties) =>
        connection.ExecuteScalarAsync<long?>(
            "INSERT INTO user_groups (name, source, properties, created) VALUES (@name, @source, @properties, @now) ON CONFLICT (name) DO NOTHING RETURNING id;",
            new { name, source, properties, now = StoredTime.ToStored(time.GetUtcNow()) },
            transaction);

    private static Task<int> AddAsync(DbConnection connection, DbTransaction transaction, long id, IReadOnlyCollection<long> userIds) =>
        connection.ExecuteAsync(
            "INSERT INTO group_members (group_id, user_id) SELECT @id, u.id FROM users u WHERE u.id = @userId ON CONFLICT (group_id, user_id) DO NOTHING;",
            userIds.Select(userId => new { id, userId }),
            transaction);

    private static Task<int> RemoveAsync(DbConnection connection, DbTransaction transaction, long id, IReadOnlyCollection<long> userIds) =>
        connection.ExecuteAsync("DELETE FROM group_members WHERE group_id = @id AND user_id = @userId;", userIds.Select(userId => new { id, userId }), transaction);

    /// <summary>A row of <c>user_groups</c> as the database driver fills it.</summary>
    private sealed class GroupRow
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";

        public string? Source { get; init; }

        public string Properties { get; init; } = "{}";

        public Group ToGroup(IReadOnlyList<string> users) => new(Id, Name, Source, Properties, users);
    }
}
