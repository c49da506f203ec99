using Dapper;
using Hub.Storage;

namespace Hub.Sessions;

/// <summary>Sessions in the database: read once at start, written at each change.</summary>
public sealed class SessionStore(HubDatabase database)
{
    public Task<IReadOnlyList<Session>> LoadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Session>>(async connection =>
            [.. await connection.QueryAsync<Session>(
                """
                SELECT s.id AS Id, s.user_id AS UserId, u.name AS UserName, s.path AS Path, s.name AS Name, s.type AS Type, s.kernel_id AS KernelId, s.server AS ServerName
                FROM sessions s JOIN users u ON u.id = s.user_id;
                """)], cancellationToken);

    public Task SaveAsync(Session session, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => connection.ExecuteAsync(
            """
            INSERT INTO sessions (id, user_id, path, name, type, kernel_id, server) VALUES (@Id, @UserId, @Path, @Name, @Type, @KernelId, @ServerName)
            ON CONFLICT (id) DO UPDATE SET path = excluded.path, name = excluded.name, type = excluded.type, kernel_id = excluded.kernel_id;
            """,
            new { session.Id, session.UserId, session.Path, session.Name, session.Type, session.KernelId, session.ServerName },
            transaction), cancellationToken);

    public Task DeleteAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        database.WriteAsync(async (connection, transaction) =>
        {
            foreach (string id in ids)
                await connection.ExecuteAsync("DELETE FROM sessions WHERE id = @id;", new { id }, transaction);
        }, cancellationToken);
}
