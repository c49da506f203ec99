using Dapper;
using Hub.Storage;

namespace Hub.Servers;

/// <summary>Started servers in the database.</summary>
public sealed class ServersStore(HubDatabase database)
{
    public Task<IReadOnlyList<UserServer>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<UserServer>>(async connection =>
            [.. (await connection.QueryAsync<Row>(
                "SELECT user_id, users.name AS user_name, started, servers.last_activity FROM servers JOIN users ON users.id = user_id WHERE servers.name = '';"))
                .Select(row => new UserServer(row.UserId, row.UserName, StoredTime.FromStored(row.Started), StoredTime.FromStored(row.LastActivity)))],
            cancellationToken);

    /// <summary>Writes down that the server runs; null when there is no such user, else the user's row.</summary>
    public Task<long?> AddAsync(string userName, DateTimeOffset started, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteScalarAsync<long?>(
            """
            INSERT INTO servers (user_id, name, started, last_activity) SELECT id, '', @at, @at FROM users WHERE name = @userName
            ON CONFLICT (user_id, name) DO UPDATE SET started = @at, last_activity = @at
            RETURNING user_id;
            """,
            new { userName, at = StoredTime.ToStored(started) },
            transaction), cancellationToken);

    public Task RemoveAsync(long userId, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            "DELETE FROM servers WHERE user_id = @userId AND name = '';", new { userId }, transaction), cancellationToken);

    /// <summary>Writes down who was active when, for servers and their users, in one transaction; time never goes back.</summary>
    public Task SaveActivityAsync(IReadOnlyList<UserServer> active, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            """
            UPDATE servers SET last_activity = @At WHERE user_id = @UserId AND name = '' AND last_activity < @At;
            UPDATE users SET last_activity = @At WHERE id = @UserId AND (last_activity IS NULL OR last_activity < @At);
            """,
            active.Select(server => new { server.UserId, At = StoredTime.ToStored(server.LastActivity) }),
            transaction), cancellationToken);

    private sealed record Row
    {
        public long UserId { get; init; }

        public string UserName { get; init; } = "";

        public long Started { get; init; }

        public long LastActivity { get; init; }
    }
}
