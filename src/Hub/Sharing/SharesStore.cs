using System.Data.Common;
using Dapper;
using Hub.Storage;

namespace Hub.Sharing;

/// <summary>Shares in the database. They go with the owner, the user or the group they are about.</summary>
public sealed class SharesStore(HubDatabase database, TimeProvider time)
{
    private const string From =
        """
        FROM shares s JOIN users o ON o.id = s.owner_id LEFT JOIN users u ON u.id = s.user_id LEFT JOIN user_groups g ON g.id = s.group_id
        """;

    private const string Columns = "s.id AS number, s.owner_id, o.name AS owner_name, s.server, s.user_id, u.name AS user_name, s.group_id, g.name AS group_name, s.scopes, s.created";

    private const string InGroupOf = "s.group_id IN (SELECT m.group_id FROM group_members m WHERE m.user_id = @id)";

    /// <summary>One page of the shares of an owner's server, oldest first, and how many there are on all; null <paramref name="server"/> is for all servers.</summary>
    public Task<(IReadOnlyList<Share> Shares, int Total)> OfOwnerAsync(long ownerId, string? server, int offset, int limit, CancellationToken cancellationToken) =>
        ListAsync(server is null ? "s.owner_id = @id" : "s.owner_id = @id AND s.server = @server", ownerId, server, offset, limit, cancellationToken);

    /// <summary>One page of what is shared with a user, by name or by a group.</summary>
    public Task<(IReadOnlyList<Share> Shares, int Total)> WithUserAsync(long userId, int offset, int limit, CancellationToken cancellationToken) =>
        ListAsync($"(s.user_id = @id OR {InGroupOf})", userId, null, offset, limit, cancellationToken);

    public Task<(IReadOnlyList<Share> Shares, int Total)> WithGroupAsync(long groupId, int offset, int limit, CancellationToken cancellationToken) =>
        ListAsync("s.group_id = @id", groupId, null, offset, limit, cancellationToken);

    public Task<Share?> FindAsync(long ownerId, string server, ShareTarget with, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => FindAsync(connection, null, ownerId, server, with), cancellationToken);

    public Task<Share?> FindAsync(long number, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
            (await connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} {From} WHERE s.id = @number;", new { number }))?.ToShare(), cancellationToken);

    /// <summary>Adds these scopes to what <paramref name="with"/> may do; null when the server is shared with <paramref name="most"/> already.</summary>
    public Task<Share?> GrantAsync(long ownerId, string server, ShareTarget with, IEnumerable<string> names, int most, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            Share? before = await FindAsync(connection, transaction, ownerId, server, with);
            string scopes = Written((before?.ScopeNames ?? []).Concat(names));
            if (before is not null)
            {
                await connection.ExecuteAsync("UPDATE shares SET scopes = @scopes WHERE id = @Number;", new { before.Number, scopes }, transaction);
                return await FindAsync(connection, transaction, ownerId, server, with);
            }
            if (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM shares WHERE owner_id = @ownerId AND server = @server;", new { ownerId, server }, transaction) >= most)
                return null;
            await connection.ExecuteAsync(
                $"INSERT INTO shares (owner_id, server, {Column(with)}, scopes, created) VALUES (@ownerId, @server, @Id, @scopes, @now);",
                new { ownerId, server, with.Id, scopes, now = StoredTime.ToStored(time.GetUtcNow()) },
                transaction);
            return await FindAsync(connection, transaction, ownerId, server, with);
        }, cancellationToken);

    /// <summary>Takes scopes away, or the whole share when <paramref name="names"/> is null; returns what is left, null when nothing is.</summary>
    public Task<Share?> RevokeAsync(Share share, IReadOnlyCollection<string>? names, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            Share? now = await FindAsync(connection, transaction, share.OwnerId, share.Server, share.With);
            string left = names is null || now is null ? "" : Written(now.ScopeNames.Except(names));
            await connection.ExecuteAsync(
                left.Length == 0 ? "DELETE FROM shares WHERE id = @Number;" : "UPDATE shares SET scopes = @left WHERE id = @Number;", new { share.Number, left }, transaction);
            return left.Length == 0 ? null : await FindAsync(connection, transaction, share.OwnerId, share.Server, share.With);
        }, cancellationToken);

    /// <summary>Ends all shares of a server and returns them.</summary>
    public Task<IReadOnlyList<Share>> RevokeAllAsync(long ownerId, string server, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<Share>>(async (connection, transaction) =>
        {
            var values = new { ownerId, server };
            List<Share> ended = [.. (await connection.QueryAsync<Row>($"SELECT {Columns} {From} WHERE s.owner_id = @ownerId AND s.server = @server;", values, transaction)).Select(row => row.ToShare())];
            await connection.ExecuteAsync("DELETE FROM shares WHERE owner_id = @ownerId AND server = @server;", values, transaction);
            return ended;
        }, cancellationToken);

    /// <summary>Shares follow their server to another name, under which there is none yet.</summary>
    public Task RenameServerAsync(long ownerId, string from, string to, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "UPDATE shares SET server = @to WHERE owner_id = @ownerId AND server = @from;", new { ownerId, from, to }, transaction), cancellationToken);

    /// <summary>The scopes a user holds by shares now; those of a disabled owner count for nothing.</summary>
    public Task<IReadOnlyList<string>> ScopesOfAsync(long userId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<string>>(async connection =>
        [
            .. (await connection.QueryAsync<Row>($"SELECT {Columns} {From} WHERE o.disabled = 0 AND (s.user_id = @id OR {InGroupOf});", new { id = userId }))
                .SelectMany(row => row.ToShare().Scopes),
        ], cancellationToken);

    /// <summary>Whom anything is shared with by name, and whether anything is shared with a group.</summary>
    public Task<(IReadOnlyList<long> Users, bool Groups)> HoldersAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<(IReadOnlyList<long>, bool)>(async connection =>
        (
            [.. await connection.QueryAsync<long>("SELECT DISTINCT user_id FROM shares WHERE user_id IS NOT NULL;")],
            await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM shares WHERE group_id IS NOT NULL;") > 0
        ), cancellationToken);

    /// <summary>Whoever a share is for: the user, or those in the group.</summary>
    public Task<IReadOnlyList<long>> PeopleOfAsync(ShareTarget with, CancellationToken cancellationToken) => with.IsGroup
        ? database.ReadAsync<IReadOnlyList<long>>(async connection =>
            [.. await connection.QueryAsync<long>("SELECT user_id FROM group_members WHERE group_id = @Id;", new { with.Id })], cancellationToken)
        : Task.FromResult<IReadOnlyList<long>>([with.Id]);

    private Task<(IReadOnlyList<Share> Shares, int Total)> ListAsync(string where, long id, string? server, int offset, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<(IReadOnlyList<Share>, int)>(async connection =>
        {
            var values = new { id, server = server ?? "", offset, limit };
            int total = await connection.ExecuteScalarAsync<int>($"SELECT COUNT(*) FROM shares s WHERE {where};", values);
            IEnumerable<Row> rows = await connection.QueryAsync<Row>($"SELECT {Columns} {From} WHERE {where} ORDER BY s.id LIMIT @limit OFFSET @offset;", values);
            return ([.. rows.Select(row => row.ToShare())], total);
        }, cancellationToken);

    private static async Task<Share?> FindAsync(DbConnection connection, DbTransaction? transaction, long ownerId, string server, ShareTarget with) =>
        (await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} {From} WHERE s.owner_id = @ownerId AND s.server = @server AND s.{Column(with)} = @Id;", new { ownerId, server, with.Id }, transaction))?.ToShare();

    private static string Column(ShareTarget with) => with.IsGroup ? "group_id" : "user_id";

    private static string Written(IEnumerable<string> names) => string.Join(' ', names.Distinct().Order(StringComparer.Ordinal));

    /// <summary>A row of <c>shares</c> with the names it is about, as the database driver fills it.</summary>
    private sealed class Row
    {
        public long Number { get; init; }

        public long OwnerId { get; init; }

        public string OwnerName { get; init; } = "";

        public string Server { get; init; } = "";

        public long? UserId { get; init; }

        public string? UserName { get; init; }

        public long? GroupId { get; init; }

        public string? GroupName { get; init; }

        public string Scopes { get; init; } = "";

        public long Created { get; init; }

        public Share ToShare() => new(
            Number, OwnerId, OwnerName, Server, GroupId is { } group ? new ShareTarget(true, group, GroupName ?? "") : new ShareTarget(false, UserId ?? 0, UserName ?? ""),
            Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), StoredTime.FromStored(Created));
    }
}
