using Hub.Accounts;

namespace Hub.Servers;

/// <summary>Named servers follow their users, running or not; the database has it already.</summary>
internal sealed class ServersUserPart(ServerRegistry registry) : IUserPart
{
    public Task RenamedAsync(long userId, string from, string to, CancellationToken cancellationToken) => registry.UserRenamedAsync(from, to, cancellationToken);

    public Task DeletedAsync(long userId, string userName, CancellationToken cancellationToken) => registry.UserDeletedAsync(userName, cancellationToken);
}
