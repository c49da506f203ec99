using System.Data.Common;
using Dapper;
using Hub.Storage;

namespace Hub.Events.Audit;

/// <summary>The chain in the database. No record is ever changed; the oldest can be removed together, and a record says so.</summary>
internal sealed class AuditStore(HubDatabase database, AuditSeal seal)
{
    private const string All = "SELECT number, at, kind, by_user, user_name, detail, previous, hash FROM audit";

    /// <summary>Appends all of them, or none.</summary>
    public Task AppendAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken) =>
        // No more than the audit: nothing of it is remembered.
        database.WriteAsync([], (connection, transaction) => AppendAsync(connection, transaction, entries), cancellationToken);

    /// <summary>Removes records from the beginning until one is not older than <paramref name="limit"/>, and says so in a new one; the last stays. Returns how many.</summary>
    public Task<long> CutAsync(DateTimeOffset limit, DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            (long? first, long? last) = await connection.QuerySingleAsync<(long?, long?)>("SELECT MIN(number), MAX(number) FROM audit;", transaction: transaction);
            if (first is null || last is null)
                return 0;
            // In order of number and not the least of all: a clock that was set back must not let newer records go.
            long kept = await connection.QuerySingleOrDefaultAsync<long?>(
                "SELECT number FROM audit WHERE at >= @limit ORDER BY number LIMIT 1;", new { limit = StoredTime.ToStored(limit) }, transaction) ?? last.Value;
            long through = Math.Min(kept - 1, first.Value - 1 + most);
            if (through < first)
                return 0;
            string hash = await connection.QuerySingleAsync<string>("SELECT hash FROM audit WHERE number = @through;", new { through }, transaction);
            long removed = await connection.ExecuteAsync("DELETE FROM audit WHERE number <= @through;", new { through }, transaction);
            await AppendAsync(
                connection, transaction, [AuditEntry.OfHub(now, AuditCut.Kind, ("through", through), ("hash", hash), ("records", removed), ("seal", seal.Of(through, hash)))]);
            return removed;
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

    /// <summary>Checks every record from the first that is kept; stops at the first that is broken. What was removed before it must be owned up to by a record <c>cut</c>.</summary>
    public async Task<AuditVerdict> VerifyAsync(CancellationToken cancellationToken)
    {
        AuditRecord? first = null;
        AuditRecord? last = null;
        bool owned = true;
        for (long records = 0; ;)
        {
            IReadOnlyList<AuditRecord> page = await ListAsync(new AuditQuery { After = last?.Number ?? long.MinValue, Limit = 1000 }, cancellationToken);
            foreach (AuditRecord record in page)
            {
                owned = first is null ? record.Number == 1 : owned || OwnsUp(record, first);
                first ??= record;
                if ((last is null && record.Number > 1 ? AuditCodec.OwnProblem(record) : AuditCodec.Problem(last, record)) is { } problem)
                    return new AuditVerdict(records, last, problem);
                (last, records) = (record, records + 1);
            }
            if (page.Count == 0)
                return owned ? new AuditVerdict(records, last, null) { CutThrough = (first?.Number ?? 1) - 1 } : new AuditVerdict(0, null, AuditCodec.Problem(null, first!));
        }
    }

    private bool OwnsUp(AuditRecord record, AuditRecord first) =>
        AuditCut.Of(record) is { } cut && cut.Through == first.Number - 1 && cut.Hash == first.Previous && seal.IsOf(cut.Seal, cut.Through, cut.Hash);

    private static async Task AppendAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<AuditEntry> entries)
    {
        Head last = await connection.QuerySingleOrDefaultAsync<Head>("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1;", transaction: transaction) ?? new Head();
        List<AuditRecord> records = new(entries.Count);
        foreach (AuditEntry entry in entries)
        {
            AuditRecord record = AuditCodec.Append(entry, last.Number, last.Hash);
            records.Add(record);
            last = new Head { Number = record.Number, Hash = record.Hash };
        }
        await connection.ExecuteAsync(
            """
            INSERT INTO audit (number, at, kind, by_user, user_name, detail, previous, hash)
            VALUES (@Number, @At, @Kind, @By, @User, @Detail, @Previous, @Hash);
            """, records, transaction);
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
