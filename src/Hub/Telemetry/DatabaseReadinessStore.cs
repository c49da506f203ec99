using System.Data.Common;
using Dapper;
using Hub.Storage;

namespace Hub.Telemetry;

/// <summary>Asks the database whether it answers, and whether it is this hub's alone.</summary>
internal sealed class DatabaseReadinessStore(HubDatabase database, DatabaseLock databaseLock) : IReadiness
{
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM servers;"), cancellationToken);
            return databaseLock.Problem;
        }
        catch (DbException away)
        {
            return $"the database does not answer: {away.Message}";
        }
    }
}
