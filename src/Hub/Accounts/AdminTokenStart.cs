using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Accounts;

/// <summary>At start: makes the administrator <c>admin</c> and the token from <c>Hub:AdminToken</c>, or ends that token when the setting is gone.</summary>
internal sealed partial class AdminTokenStart(
    AccountsStore accounts, TokensStore tokens, IOptions<HubOptions> options, ILogger<AdminTokenStart> logger) : IHostedService
{
    /// <summary>Name of the first administrator.</summary>
    public const string AdminName = "admin";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string? token = options.Value.AdminToken;
        await accounts.CreateAsync([AdminName], admin: true, cancellationToken);
        User admin = await accounts.FindAsync(AdminName, cancellationToken)
            ?? throw new StorageException("The database lost the user admin while the hub started; is another program changing it?");
        // With a token from the settings the operator says who is in charge, whatever the database says.
        if (token is not null && (!admin.Admin || admin.Disabled))
            await accounts.ChangeAsync(admin.Id, new UserChange { Admin = true, Disabled = false }, cancellationToken);
        await tokens.SetFromSettingAsync(admin.Id, token, cancellationToken);
        if (token is not null)
            LogTokenSet();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(500, LogLevel.Information, "The token from Hub:AdminToken is an API token of the user admin")]
    private partial void LogTokenSet();
}
