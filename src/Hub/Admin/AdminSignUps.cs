using System.Data.Common;
using Hub.Auth;

namespace Hub.Admin;

/// <summary>How many people wait for approval, for the panel's navigation.</summary>
internal sealed partial class AdminSignUps(SignUpsStore signUps, ILogger<AdminSignUps> logger)
{
    /// <param name="before">Told again while the database does not answer.</param>
    public async Task<int> CountAsync(int before, CancellationToken cancellationToken)
    {
        try
        {
            return await signUps.CountAsync(cancellationToken);
        }
        catch (DbException)
        {
            LogAway(logger);
            return before;
        }
    }

    [LoggerMessage(1808, LogLevel.Warning, "How many wait for approval could not be read for the panels; what was read last is shown")]
    private static partial void LogAway(ILogger logger);
}
