using Hub.Telemetry;

namespace Hub.Accounts;

/// <summary>Without its database the hub can let nobody in.</summary>
internal sealed class AccountsReadiness(AccountsStore accounts) : IReadiness
{
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            await accounts.CountAsync(cancellationToken);
            return null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return "the database does not answer";
        }
    }
}
