using Hub.Accounts;
using Hub.Contents.Quotas;
using Hub.Contents.Watching;

namespace Hub.Contents;

/// <summary>Homes follow their users: a renamed user keeps the files, a new user of an old name finds none of somebody else's.</summary>
internal sealed partial class UserHomes(Homes homes, HomeImages images, HomeQuotas quotas, HomeWatcher watcher, ILogger<UserHomes> logger) : IUserPart
{
    public Task RenamedAsync(long userId, string from, string to, CancellationToken cancellationToken)
    {
        Move(homes.PathOf(from), homes.PathOf(to), from, images.Follow);
        return Task.CompletedTask;
    }

    public Task DeletedAsync(long userId, string userName, CancellationToken cancellationToken)
    {
        Move(homes.PathOf(userName), homes.PathOfDeleted(userId, userName), userName, images.PutAside);
        return Task.CompletedTask;
    }

    private void Move(string from, string to, string userName, Action<string, string> withImage)
    {
        quotas.Forget(userName);
        watcher.Forget(userName);
        if (!Directory.Exists(from))
            return;
        try
        {
            images.Leave(from);
            Directory.Move(from, to);
            withImage(from, to);
            LogMoved(logger, userName, to);
        }
        catch (IOException failure)
        {
            // The user has a new name or is gone already; the files are still there, under the old name.
            LogNotMoved(logger, failure, userName, from, to);
        }
    }

    [LoggerMessage(900, LogLevel.Information, "The home of {User} is now {Path}")]
    private static partial void LogMoved(ILogger logger, string user, string path);

    [LoggerMessage(901, LogLevel.Warning, "The home of {User} stays at {From}: it could not be moved to {To}")]
    private static partial void LogNotMoved(ILogger logger, Exception failure, string user, string from, string to);
}
