using Dapper;
using Hub.Storage;

namespace Hub.Classes.Floor;

/// <summary>Raised hands and messages in the database.</summary>
public sealed class FloorStore(HubDatabase database, TimeProvider time)
{
    /// <summary>Messages one answer holds at most; a page that missed more asks again.</summary>
    private const int Most = 100;

    private long Now => StoredTime.ToStored(time.GetUtcNow());

    /// <summary>All hands that are up.</summary>
    public Task<IReadOnlyList<(long ClassId, string UserName, DateTimeOffset At)>> ListHandsAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<(long, string, DateTimeOffset)>>(async connection =>
            [.. (await connection.QueryAsync<(long ClassId, string Name, long Raised)>(
                "SELECT h.class_id, u.name, h.raised FROM class_hands h JOIN users u ON u.id = h.user_id;"))
                .Select(row => (row.ClassId, row.Name, StoredTime.FromStored(row.Raised)))], cancellationToken);

    /// <summary>Puts a hand up; one that is up stays up since when it was.</summary>
    public Task RaiseAsync(long classId, long userId, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "INSERT INTO class_hands (class_id, user_id, raised) VALUES (@classId, @userId, @Now) ON CONFLICT (class_id, user_id) DO NOTHING;",
            new { classId, userId, Now }, transaction), cancellationToken);

    public Task LowerAsync(long classId, string userName, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "DELETE FROM class_hands WHERE class_id = @classId AND user_id = (SELECT id FROM users WHERE name = @userName);",
            new { classId, userName }, transaction), cancellationToken);

    public Task LowerAllAsync(long classId, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "DELETE FROM class_hands WHERE class_id = @classId;", new { classId }, transaction), cancellationToken);

    /// <summary>Puts down the hands in classes that do not run.</summary>
    public Task LowerLeftOverAsync(CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "DELETE FROM class_hands WHERE class_id IN (SELECT id FROM classes WHERE ended IS NOT NULL OR closes <= @Now);", new { Now }, transaction), cancellationToken);

    public Task<ClassMessage> AddMessageAsync(long classId, string by, string text, string? path, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            long said = Now;
            long id = await connection.ExecuteScalarAsync<long>(
                "INSERT INTO class_messages (class_id, said, by_name, text, path) VALUES (@classId, @said, @by, @text, @path) RETURNING id;",
                new { classId, said, by, text, path }, transaction);
            return new ClassMessage(id, classId, StoredTime.FromStored(said), by, text, path);
        }, cancellationToken);

    /// <summary>What the class was told after a message, oldest first, as many as one answer holds.</summary>
    public Task<IReadOnlyList<ClassMessage>> ListMessagesAsync(long classId, long after, CancellationToken cancellationToken) =>
        ListAsync("WHERE s.class_id = @classId AND s.id > @after", new { classId, after, Most }, cancellationToken);

    /// <summary>What a student was told after a message by the classes of theirs that run; paths begin in their home.</summary>
    public async Task<IReadOnlyList<ClassMessage>> ListMessagesOfAsync(long userId, long after, CancellationToken cancellationToken) =>
        await ListAsync(
            """
            JOIN classes c ON c.id = s.class_id JOIN class_members m ON m.class_id = s.class_id AND m.user_id = @userId
            WHERE s.id > @after AND m.teacher = 0 AND c.ended IS NULL AND (c.opens IS NULL OR c.opens <= @Now) AND (c.closes IS NULL OR c.closes > @Now)
            """,
            new { userId, after, Most, Now }, cancellationToken);

    private Task<IReadOnlyList<ClassMessage>> ListAsync(string which, object values, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ClassMessage>>(async connection =>
            [.. (await connection.QueryAsync<Row>(
                $"SELECT s.id, s.class_id, s.said, s.by_name, s.text, s.path FROM class_messages s {which} ORDER BY s.id LIMIT @Most;", values))
                .Select(row => new ClassMessage(row.Id, row.ClassId, StoredTime.FromStored(row.Said), row.ByName, row.Text, row.Path))], cancellationToken);

    /// <summary>A row of messages as the database driver fills it.</summary>
    private sealed class Row
    {
        public long Id { get; init; }

        public long ClassId { get; init; }

        public long Said { get; init; }

        public string ByName { get; init; } = "";

        public string Text { get; init; } = "";

        public string? Path { get; init; }
    }
}
