using Dapper;
using Hub.Accounts;
using Hub.Storage;

namespace Hub.Sharing;

/// <summary>Share codes in the database, by hash. One that has run out counts as gone at once and is removed later.</summary>
public sealed class ShareCodesStore(HubDatabase database, TimeProvider time)
{
    private const string Columns =
        "c.id AS number, c.owner_id, o.name AS owner_name, c.server, c.scopes, c.created, c.expires_at, c.exchange_count, c.last_exchanged_at";

    private const string From = "FROM share_codes c JOIN users o ON o.id = c.owner_id";

    /// <summary>Makes a code. It is returned here and nowhere else, ever; null when the server has <paramref name="most"/> already.</summary>
    public Task<(string Code, ShareCode Kept)?> CreateAsync(User owner, string server, IReadOnlyList<string> names, TimeSpan lifetime, int most, CancellationToken cancellationToken) =>
        database.WriteAsync<(string, ShareCode)?>(async (connection, transaction) =>
        {
            DateTimeOffset now = time.GetUtcNow();
            long count = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM share_codes WHERE owner_id = @Id AND server = @server AND expires_at > @now;", new { owner.Id, server, now = StoredTime.ToStored(now) }, transaction);
            if (count >= most)
                return null;
            string code = Secret.New();
            DateTimeOffset expires = now + lifetime;
            long number = await connection.ExecuteScalarAsync<long>(
                """
                INSERT INTO share_codes (hash, owner_id, server, scopes, created, expires_at) VALUES (@hash, @Id, @server, @scopes, @now, @expires) RETURNING id;
                """,
                new { hash = Secret.Hash(code), owner.Id, server, scopes = string.Join(' ', names), now = StoredTime.ToStored(now), expires = StoredTime.ToStored(expires) },
                transaction);
            return (code, new ShareCode(number, owner.Id, owner.Name, server, names, now, expires, 0, null));
        }, cancellationToken);

    /// <summary>One page of the codes that are valid, oldest first, and how many there are on all; null <paramref name="server"/> is for all servers.</summary>
    public Task<(IReadOnlyList<ShareCode> Codes, int Total)> ListAsync(long ownerId, string? server, int offset, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<(IReadOnlyList<ShareCode>, int)>(async connection =>
        {
            string where = "WHERE c.owner_id = @ownerId AND c.expires_at > @now" + (server is null ? "" : " AND c.server = @server");
            var values = new { ownerId, server = server ?? "", now = Now(), offset, limit };
            int total = await connection.ExecuteScalarAsync<int>($"SELECT COUNT(*) FROM share_codes c {where};", values);
            IEnumerable<Row> rows = await connection.QueryAsync<Row>($"SELECT {Columns} {From} {where} ORDER BY c.id LIMIT @limit OFFSET @offset;", values);
            return ([.. rows.Select(row => row.ToCode())], total);
        }, cancellationToken);

    /// <summary>What a code is for; null when it is none, has run out, or its owner is disabled.</summary>
    public Task<ShareCode?> FindAsync(string code, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection =>
            (await connection.QuerySingleOrDefaultAsync<Row>(
                $"SELECT {Columns} {From} WHERE c.hash = @hash AND c.expires_at > @now AND o.disabled = 0;", new { hash = Secret.Hash(code), now = Now() }))?.ToCode(), cancellationToken);

    /// <summary>Counts an exchange; false when the code is gone meanwhile.</summary>
    public Task<bool> NoteExchangeAsync(long number, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
            await connection.ExecuteAsync(
                "UPDATE share_codes SET exchange_count = exchange_count + 1, last_exchanged_at = @now WHERE id = @number AND expires_at > @now;",
                new { number, now = Now() },
                transaction) > 0, cancellationToken);

    /// <summary>Ends the codes of a server: the one of this number, the one that is <paramref name="code"/>, or all when both are null. Returns the numbers of those.</summary>
    public Task<IReadOnlyList<long>> RevokeAsync(long ownerId, string server, long? number, string? code, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<long>>(async (connection, transaction) =>
        {
            string which = (number, code) switch { (not null, _) => " AND id = @number", (_, not null) => " AND hash = @hash", _ => "" };
            return
            [
                .. await connection.QueryAsync<long>(
                    $"DELETE FROM share_codes WHERE owner_id = @ownerId AND server = @server AND expires_at > @now{which} RETURNING id;",
                    new { ownerId, server, number = number ?? 0, hash = Secret.Hash(code ?? ""), now = Now() },
                    transaction),
            ];
        }, cancellationToken);

    /// <summary>Codes follow their server to another name.</summary>
    public Task RenameServerAsync(long ownerId, string from, string to, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "UPDATE share_codes SET server = @to WHERE owner_id = @ownerId AND server = @from;", new { ownerId, from, to }, transaction), cancellationToken);

    /// <summary>Removes what has run out; returns how many.</summary>
    public Task<int> SweepAsync(CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync("DELETE FROM share_codes WHERE expires_at <= @now;", new { now = Now() }, transaction), cancellationToken);

    private long Now() => StoredTime.ToStored(time.GetUtcNow());

    /// <summary>A row of <c>share_codes</c> with its owner's name, as the database driver fills it.</summary>
    private sealed class Row
    {
        public long Number { get; init; }

        public long OwnerId { get; init; }

        public string OwnerName { get; init; } = "";

        public string Server { get; init; } = "";

        public string Scopes { get; init; } = "";

        public long Created { get; init; }

        public long ExpiresAt { get; init; }

        public long ExchangeCount { get; init; }

        public long? LastExchangedAt { get; init; }

        public ShareCode ToCode() => new(
            Number, OwnerId, OwnerName, Server, Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), StoredTime.FromStored(Created), StoredTime.FromStored(ExpiresAt),
            ExchangeCount, StoredTime.FromStored(LastExchangedAt));
    }
}
