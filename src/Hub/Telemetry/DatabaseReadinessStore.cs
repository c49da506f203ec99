using System.Data.Common;
using Dapper;
using Hub.Storage;

namespace Hub.Telemetry;

/// <summary>Asks the database whether it answers.</summary>
internal sealed class DatabaseReadinessStore(HubDatabase database) : IReadiness
{
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM servers;"), cancellationToken);
            return null;
        }
        catch (DbException away)
        {
            return $"the database does not answer: {away.Message}";
        }
    }
}
