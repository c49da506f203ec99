using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Hub.Storage;

namespace Hub.KernelSpecs;

/// <summary>Environments made in the panel, in the database.</summary>
public sealed class EnvironmentsStore(HubDatabase database, TimeProvider time)
{
    /// <summary>What is remembered elsewhere does not change with them.</summary>
    private static readonly DataKind[] s_nothing = [];

    /// <summary>All of them by name, each with what is wrong with its row; a row that cannot be read has no environment.</summary>
    public Task<IReadOnlyList<(string Name, MadeEnvironment? Made, string? Problem)>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<(string, MadeEnvironment?, string?)>>(async connection =>
        [
            .. (await connection.QueryAsync<(string Name, string Settings, long Pin, string? Pinned)>("SELECT name, settings, pin, pinned FROM environments ORDER BY name;"))
                .Select(row => Read(row.Name, row.Settings, row.Pin != 0, row.Pinned)),
        ], cancellationToken);

    /// <summary>False when there is one of this name, null when there are <paramref name="most"/> already.</summary>
    public Task<bool?> CreateAsync(MadeEnvironment made, int most, CancellationToken cancellationToken) =>
        database.WriteAsync<bool?>(s_nothing, async (connection, transaction) =>
        {
            if (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM environments;", transaction: transaction) >= most)
                return null;
            return await connection.ExecuteAsync(
                "INSERT INTO environments (name, settings, pin, pinned, changed) VALUES (@Name, @settings, @pin, @Pinned, @now) ON CONFLICT (name) DO NOTHING;",
                Values(made), transaction) > 0;
        }, null, cancellationToken);

    /// <summary>False when there is none of this name.</summary>
    public Task<bool> ChangeAsync(MadeEnvironment made, CancellationToken cancellationToken) =>
        database.WriteAsync(s_nothing, async (connection, transaction) =>
            await connection.ExecuteAsync(
                "UPDATE environments SET settings = @settings, pin = @pin, pinned = @Pinned, changed = @now WHERE name = @Name;", Values(made), transaction) > 0, null, cancellationToken);

    /// <summary>False when there was none.</summary>
    public Task<bool> DeleteAsync(string name, CancellationToken cancellationToken) =>
        database.WriteAsync(s_nothing, async (connection, transaction) =>
            await connection.ExecuteAsync("DELETE FROM environments WHERE name = @name;", new { name }, transaction) > 0, null, cancellationToken);

    private object Values(MadeEnvironment made) => new
    {
        made.Name,
        settings = EnvironmentCodec.Write(made.Settings).ToJsonString(),
        pin = made.Pin ? 1L : 0L,
        made.Pinned,
        now = StoredTime.ToStored(time.GetUtcNow()),
    };

    private static (string, MadeEnvironment?, string?) Read(string name, string settings, bool pin, string? pinned)
    {
        try
        {
            return (name, new MadeEnvironment(name, EnvironmentCodec.Read(JsonNode.Parse(settings)!.AsObject()), pin, pinned), null);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return (name, null, wrong.Message);
        }
    }
}
