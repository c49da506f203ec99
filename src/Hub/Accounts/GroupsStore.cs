using System.Data.Common;
using Dapper;
using Hub.Storage;

namespace Hub.Accounts;

/// <summary>Groups in the database, and who is in them.</summary>
public sealed class GroupsStore(HubDatabase database, TimeProvider time)
{
    /// <summary>Members of a group that is remembered with them.</summary>
    private const int FewEnoughToRemember = 2000;

    private readonly ReadCache<long, IReadOnlyList<string>> _known = new(database, AccountKinds.Groups, AccountKinds.Memberships);
    private readonly ReadCache<string, Group> _rows = new(database, AccountKinds.Groups);
    private readonly ReadCache<long, IReadOnlyList<string>> _members = new(database, AccountKinds.Users, AccountKinds.Groups, AccountKinds.Memberships) { Most = 256 };

    private const string Columns = "g.id, g.name, g.source, g.properties";

    public async Task<Group?> FindAsync(string name, CancellationToken cancellationToken) =>
        await FindEmptyAsync(name, cancellationToken) is { } found ? found with { Users = await MembersAsync(found.Id, cancellationToken) } : null;

    /// <summary>The group without looking up its members, of whom it then names none.</summary>
    public async Task<Group?> FindEmptyAsync(string name, CancellationToken cancellationToken)
    {
        if (_rows.Find(name) is { } known)
            return known;
        long asOf = _rows.AsOf;
        Group? found = await database.ReadAsync(async connection => (await RowsAsync(connection, null, name)).Select(row => row.ToGroup([])).SingleOrDefault(), cancellationToken);
        if (found is not null)
            _rows.Keep(name, found, asOf);
        return found;
    }

    /// <summary>Those of <paramref name="names"/> who are in the group.</summary>
    public async Task<IReadOnlyList<string>> AmongAsync(long id, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        if (_members.Find(id) is { } known)
            return [.. names.Distinct().Where(name => GroupMembers.Contains(known, name))];
        return await database.ReadAsync<IReadOnlyList<string>>(async connection =>
        [
            .. await connection.QueryAsync<string>(
                $"SELECT u.name FROM users u JOIN group_members m ON m.user_id = u.id WHERE m.group_id = @id AND {database.IsIn("u.name", "@Names")};",
                new { id, Names = database.ListOf(names) }),
        ], cancellationToken);
    }

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
        database.WriteAsync<IReadOnlyList<Group>>(s_groups, async (connection, transaction) =>
        {
            var created = new List<Group>();
            foreach (string name in names)
            {
                if (await InsertAsync(connection, transaction, name, source: null, "{}") is { } id)
                    created.Add(new Group(id, name, null, "{}", []));
            }
            return created;
        }, null, cancellationToken);

    /// <summary>Makes a group with members; null when there is one of this name.</summary>
    public Task<Group?> CreateAsync(string name, string properties, IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
        database.WriteAsync(s_groups, async (connection, transaction) =>
        {
            if (await InsertAsync(connection, transaction, name, source: null, properties) is not { } id)
                return null;
            await AddAsync(connection, transaction, id, userIds);
            return await FindAsync(connection, transaction, name);
        }, null, cancellationToken);

    /// <summary>False when there was none; who was in it stays a user.</summary>
    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(s_groups, async (connection, transaction) =>
            await connection.ExecuteAsync("DELETE FROM user_groups WHERE id = @id;", new { id }, transaction) > 0, null, cancellationToken);

    /// <summary>Puts users into a group; who is in it already stays.</summary>
    public Task AddAsync(long id, IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
        ChangeMembersAsync(id, (connection, transaction) => AddAsync(connection, transaction, id, userIds), GroupMembers.With, cancellationToken);

    public Task RemoveAsync(long id, IReadOnlyCollection<long> userIds, CancellationToken cancellationToken) =>
        ChangeMembersAsync(id, (connection, transaction) => RemoveAsync(connection, transaction, id, userIds), GroupMembers.Without, cancellationToken);

    public Task SetPropertiesAsync(long id, string properties, CancellationToken cancellationToken) =>
        database.WriteAsync([AccountKinds.Groups], (connection, transaction) =>
            connection.ExecuteAsync("UPDATE user_groups SET properties = @properties WHERE id = @id;", new { id, properties }, transaction), cancellationToken);

    /// <summary>Names of the groups a user is in, sorted.</summary>
    public async Task<IReadOnlyList<string>> OfUserAsync(long userId, CancellationToken cancellationToken)
    {
        if (_known.Find(userId) is { } known)
            return known;
        long asOf = _known.AsOf;
        IReadOnlyList<string> found = await database.ReadAsync<IReadOnlyList<string>>(async connection =>
            [.. await connection.QueryAsync<string>($"SELECT g.name {Memberships} WHERE m.user_id = @userId ORDER BY g.name;", new { userId })], cancellationToken);
        _known.Keep(userId, found, asOf);
        return found;
    }

    /// <summary>The groups of each of these users by id, sorted; of all of them, also who is in none.</summary>
    public async Task<IReadOnlyDictionary<long, IReadOnlyList<string>>> OfAllAsync(IReadOnlyCollection<User> users, CancellationToken cancellationToken)
    {
        Dictionary<long, IReadOnlyList<string>> all = new(users.Count);
        List<long> unknown = [];
        foreach (User user in users)
        {
            if (_known.Find(user.Id) is { } known)
                all[user.Id] = known;
            else
                unknown.Add(user.Id);
        }
        if (unknown.Count == 0)
            return all;
        long asOf = _known.AsOf;
        foreach ((long id, List<string> found) in await database.ReadAsync(connection => OfAllAsync(connection, unknown), cancellationToken))
        {
            all[id] = found;
            _known.Keep(id, found, asOf);
        }
        return all;
    }

    private async Task<Dictionary<long, List<string>>> OfAllAsync(DbConnection connection, List<long> userIds)
    {
        Dictionary<long, List<string>> found = userIds.ToDictionary(id => id, _ => new List<string>());
        await using DbDataReader rows = await connection.ExecuteReaderAsync(
            $"SELECT m.user_id, g.name {Memberships} WHERE {database.IsIn("m.user_id", "@Ids")} ORDER BY g.name;", new { Ids = database.ListOf(userIds) });
        while (await rows.ReadAsync())
            found[rows.GetInt64(0)].Add(rows.GetString(1));
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
        database.WriteAsync(s_groups, async (connection, transaction) =>
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
        }, null, cancellationToken);

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

    private static readonly DataKind[] s_groups = [AccountKinds.Groups, AccountKinds.Memberships];
    private static readonly DataKind[] s_memberships = [AccountKinds.Memberships];

    private const string Memberships = "FROM group_members m JOIN user_groups g ON g.id = m.group_id";

    /// <summary>Names of the members, sorted. Everybody who comes or goes is told them.</summary>
    private async Task<IReadOnlyList<string>> MembersAsync(long id, CancellationToken cancellationToken)
    {
        if (_members.Find(id) is { } known)
            return known;
        long asOf = _members.AsOf;
        IReadOnlyList<string> found = await database.ReadAsync(connection => MembersAsync(connection, null, id), cancellationToken);
        if (found.Count <= FewEnoughToRemember)
            _members.Keep(id, found, asOf);
        return found;
    }

    /// <summary>What is known of the members is changed with them, instead of being read anew for each who comes or goes.</summary>
    /// <param name="change">Returns the names of who came or went.</param>
    /// <param name="apply">From the members before and who came or went to the members after.</param>
    private async Task ChangeMembersAsync(
        long id,
        Func<DbConnection, DbTransaction, Task<IReadOnlyList<string>>> change,
        Func<IReadOnlyList<string>, IReadOnlyList<string>, IReadOnlyList<string>> apply,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<string>? before = null;
        await database.WriteAsync(
            s_memberships,
            (connection, transaction) =>
            {
                before = _members.Find(id); // nobody else writes now: so it is until the change
                return change(connection, transaction);
            },
            changed =>
            {
                if (before is not null)
                    _members.Keep(id, apply(before, changed), _members.AsOf);
            },
            cancellationToken);
    }

    private static async Task<IReadOnlyList<string>> MembersAsync(DbConnection connection, DbTransaction? transaction, long id) =>
    [
        .. await connection.QueryAsync<string>(
            "SELECT u.name FROM group_members m JOIN users u ON u.id = m.user_id WHERE m.group_id = @id ORDER BY u.name;", new { id }, transaction),
    ];

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
            groups.Add(row.ToGroup(await MembersAsync(connection, transaction, row.Id)));
        return groups;
    }

    private Task<long?> InsertAsync(DbConnection connection, DbTransaction transaction, string name, string? source, string properties) =>
        connection.ExecuteScalarAsync<long?>(
            "INSERT INTO user_groups (name, source, properties, created) VALUES (@name, @source, @properties, @now) ON CONFLICT (name) DO NOTHING RETURNING id;",
            new { name, source, properties, now = StoredTime.ToStored(time.GetUtcNow()) },
            transaction);

    /// <summary>Returns the names of those who were not in it.</summary>
    private async Task<IReadOnlyList<string>> AddAsync(DbConnection connection, DbTransaction transaction, long id, IReadOnlyCollection<long> userIds) =>
    [
        .. await connection.QueryAsync<string>(
            $"""
            INSERT INTO group_members (group_id, user_id) SELECT @id, u.id FROM users u WHERE {database.IsIn("u.id", "@Ids")}
            ON CONFLICT (group_id, user_id) DO NOTHING RETURNING (SELECT n.name FROM users n WHERE n.id = user_id);
            """,
            new { id, Ids = database.ListOf(userIds) },
            transaction),
    ];

    /// <summary>Returns the names of those who were in it.</summary>
    private async Task<IReadOnlyList<string>> RemoveAsync(DbConnection connection, DbTransaction transaction, long id, IReadOnlyCollection<long> userIds) =>
    [
        .. await connection.QueryAsync<string>(
            $"DELETE FROM group_members WHERE group_id = @id AND {database.IsIn("user_id", "@Ids")} RETURNING (SELECT n.name FROM users n WHERE n.id = user_id);",
            new { id, Ids = database.ListOf(userIds) },
            transaction),
    ];

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
