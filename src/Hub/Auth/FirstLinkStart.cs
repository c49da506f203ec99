using System.Globalization;
using Hub.Accounts;
using Hub.Http;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Auth;

/// <summary>
/// Once the hub listens: while no administrator can sign in, prints a link by which the first one sets a password. It works once and for
/// <c>Auth:FirstLinkMinutes</c>; the next start prints a new one and ends the old.
/// </summary>
internal sealed class FirstLinkStart(
    PasswordsStore passwords, AccountsStore accounts, OperatorConsole console, HubAddress address, IOptions<HubOptions> hub, IOptions<AuthOptions> options)
    : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (hub.Value.AdminToken is not null || await passwords.HasAdminAsync(cancellationToken))
            return;
        if (await accounts.FindAsync(AdminTokenStart.AdminName, cancellationToken) is not { Admin: true, Disabled: false } admin)
            return;
        int minutes = options.Value.FirstLinkMinutes;
        (string secret, _) = await passwords.CreateLinkAsync(admin.Id, TimeSpan.FromMinutes(minutes), cancellationToken);
        await console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            Welcome to Notebook Hub. Nobody can sign in yet. Open this link to choose the password of the user {admin.Name}
            (it works once, for {minutes} minutes; a restart prints a new one):

                {address.ForThisMachine()}{PasswordPages.PathOf(secret)}

            """));
        await console.Out.FlushAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
