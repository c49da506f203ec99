using Hub.Accounts;
using Hub.Http;
using Hub.Servers;

namespace Hub.Sharing;

/// <summary>Shares and links of a named server end with it, and follow it to another name: a new server of the old name is shared with nobody.</summary>
internal sealed class ShareServerPart(AccountsStore accounts, SharesStore store, ShareCodesStore codes, Shares shares) : IServerPart
{
    /// <summary>Nothing of a share runs; it sleeps while the server does.</summary>
    public Task StopAllAsync(ServerKey server, CancellationToken cancellationToken) => Task.CompletedTask;

    public int CountRunning(string userName) => 0;

    public async Task RemovedAsync(long userId, ServerKey server, CancellationToken cancellationToken)
    {
        if (await accounts.FindAsync(server.UserName, cancellationToken) is not { } owner)
            return; // their shares went with them
        await shares.RevokeAllAsync(owner, server.Name, owner.Name, cancellationToken);
        await shares.RevokeCodesAsync(owner, server.Name, null, null, owner.Name, cancellationToken);
    }

    public async Task RenamedAsync(long userId, ServerKey server, string name, CancellationToken cancellationToken)
    {
        await store.RenameServerAsync(userId, server.Name, name, cancellationToken);
        await codes.RenameServerAsync(userId, server.Name, name, cancellationToken);
    }
}
