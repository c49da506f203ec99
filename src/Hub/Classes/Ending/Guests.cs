using Hub.Accounts;
using Hub.Contents;
using Hub.Contents.FileSystem;
using Hub.Events;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Classes.Ending;

/// <summary>Removes temporary guests: servers, account, and the home where it was archived.</summary>
internal sealed partial class Guests(
    AccountsStore accounts,
    ClassesStore classes,
    IUserServers servers,
    IEnumerable<IUserPart> parts,
    CallerWatch watch,
    Homes homes,
    DataLayout layout,
    ContentThreads threads,
    EventStream events,
    TimeProvider time,
    IOptions<ContentsOptions> contents,
    ILogger<Guests> logger)
{
    /// <summary>Those guests of a class whom no other class keeps.</summary>
    public async Task<IReadOnlyList<ClassMember>> ListLeavingAsync(long classId, CancellationToken cancellationToken)
    {
        List<ClassMember> leaving = [];
        foreach (ClassMember member in await classes.ListMembersAsync(classId, cancellationToken))
        {
            if (member.Guest && await classes.CountOpenOfAsync(member.UserId, classId, cancellationToken) == 0)
                leaving.Add(member);
        }
        return leaving;
    }

    /// <summary>Lets a guest do nothing more and ends all that runs for them, so that their files lie still; or lets them in again.</summary>
    public async Task LockAsync(ClassMember guest, bool locked, CancellationToken cancellationToken)
    {
        await accounts.ChangeAsync(guest.UserId, new UserChange { Disabled = locked }, cancellationToken);
        if (!locked)
            return;
        watch.EndUser(guest.UserId);
        await servers.StopAllAsync(guest.UserName, cancellationToken);
    }

    /// <summary>Removes the account.</summary>
    /// <param name="withHome">The files are archived and go, too; otherwise they are kept for the operator, as those of every deleted user.</param>
    public async Task RemoveAsync(ClassMember guest, bool withHome, string by, CancellationToken cancellationToken)
    {
        await servers.StopAllAsync(guest.UserName, cancellationToken);
        await accounts.DeleteAsync(guest.UserId, CancellationToken.None);
        watch.EndUser(guest.UserId);
        foreach (IUserPart part in parts)
            await part.DeletedAsync(guest.UserId, guest.UserName, CancellationToken.None);
        await events.PublishAsync(new HubEvent.UserDeleted(time.GetUtcNow(), guest.UserName) { By = by });
        if (withHome)
            await RemoveHomeAsync(guest);
    }

    private async Task RemoveHomeAsync(ClassMember guest)
    {
        string path = homes.PathOfDeleted(guest.UserId, guest.UserName);
        try
        {
            await threads.RunAsync(
                guest.UserName,
                () =>
                {
                    using OpenedDirectory? all = OpenedDirectory.TryOpen(Path.GetFullPath(layout.Homes), new FileUser(null, null));
                    byte[] name = FileName.Encode(Path.GetFileName(path));
                    if (all?.FindStatus(name) is not null)
                        Trees.Remove(all, name, contents.Value.MaxDirectoryDepth);
                    return true;
                },
                CancellationToken.None);
        }
        catch (ContentException failure)
        {
            LogHomeStays(failure, guest.UserName, path);
        }
    }

    [LoggerMessage(604, LogLevel.Warning, "The home of the guest {User} stays at {Path}: not all of it could be removed")]
    private partial void LogHomeStays(Exception failure, string user, string path);
}
