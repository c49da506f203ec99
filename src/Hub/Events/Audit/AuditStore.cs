using Dapper;
using Hub.Storage;

namespace Hub.Events.Audit;

/// <summary>The chain in the database. There is no way to change or remove a record.</summary>
internal sealed class AuditStore(HubDatabase database)
{
    private const string All = "SELECT number, at, kind, by_user, user_name, detail, previous, hash FROM audit";

    /// <summary>Appends all of them, or none.</summary>
    public Task AppendAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            Head last = await connection.QuerySingleOrDefaultAsync<Head>("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1;", transaction: transaction) ?? new Head();
            foreach (AuditEntry entry in entries)
            {
                AuditRecord record = AuditCodec.Append(entry, last.Number, last.Hash);
                await connection.ExecuteAsync(
                    """
                    INSERT INTO audit (number, at, kind, by_user, user_name, detail, previous, hash)
                    VALUES (@Number, @At, @Kind, @By, @User, @Detail, @Previous, @Hash);
                    """, record, transaction);
                last = new Head { Number = record.Number, Hash = record.Hash };
            }
        }, cancellationToken);

    public Task<IReadOnlyList<AuditRecord>> ListAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        List<string> conditions = ["number > @After"];
        if (query.Before is not null)
            conditions.Add("number < @Before");
        if (query.Kind is not null)
            conditions.Add("kind = @Kind");
        if (query.By is not null)
            conditions.Add("by_user = @By");
        if (query.User is not null)
            conditions.Add("user_name = @User");
        if (query.Since is not null)
            conditions.Add("at >= @Since");
        if (query.Until is not null)
            conditions.Add("at < @Until");
        return QueryAsync(
            $"{All} WHERE {string.Join(" AND ", conditions)} ORDER BY number{(query.NewestFirst ? " DESC" : "")} LIMIT @Limit;",
            new { query.After, query.Before, query.Kind, query.By, query.User, Since = StoredTime.ToStored(query.Since), Until = StoredTime.ToStored(query.Until), query.Limit },
            cancellationToken);
    }

    /// <summary>Checks every record from the first; stops at the first that is broken.</summary>
    public async Task<AuditVerdict> VerifyAsync(CancellationToken cancellationToken)
    {
        AuditRecord? last = null;
        for (long records = 0; ;)
        {
            IReadOnlyList<AuditRecord> page = await ListAsync(new AuditQuery { After = last?.Number ?? long.MinValue, Limit = 1000 }, cancellationToken);
            foreach (AuditRecord record in page)
            {
                if (AuditCodec.Problem(last, record) is { } problem)
                    return new AuditVerdict(records, last, problem);
                (last, records) = (record, records + 1);
            }
            if (page.Count == 0)
                return new AuditVerdict(records, last, null);
        }
    }

    private Task<IReadOnlyList<AuditRecord>> QueryAsync(string sql, object values, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AuditRecord>>(async connection =>
            [.. (await connection.QueryAsync<Row>(new CommandDefinition(sql, values, cancellationToken: cancellationToken)))
                .Select(row => new AuditRecord(row.Number, row.At, row.Kind, row.ByUser, row.UserName, row.Detail, row.Previous, row.Hash))],
            cancellationToken);

    /// <summary>End of the chain.</summary>
    private sealed class Head
    {
        public long Number { get; init; }

        public string Hash { get; init; } = AuditCodec.Beginning;
    }

    /// <summary>A row of <c>audit</c> as the database driver fills it.</summary>
    private sealed class Row
    {
        public long Number { get; init; }

        public long At { get; init; }

        public string Kind { get; init; } = "";

        public string ByUser { get; init; } = "";

        public string UserName { get; init; } = "";

        public string Detail { get; init; } = "";

        public string Previous { get; init; } = "";

        public string Hash { get; init; } = "";
    }
}
