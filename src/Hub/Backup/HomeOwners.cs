using Hub.Accounts;
using Hub.Contents;
using Hub.Contents.FileSystem;

namespace Hub.Backup;

/// <summary>
/// Gives restored homes to the uids their users have on this machine, as the accounts and the settings say; an archive says nothing about owners. A home that
/// nobody of the accounts has stays the hub's own.
/// </summary>
internal sealed class HomeOwners(Homes homes, AccountsStore accounts)
{
    private const int UsersAtOnce = 1000;

    /// <summary>Returns what could not be given, with the reason. Does nothing where the hub is not root: there everything is its own.</summary>
    public async Task<IReadOnlyList<string>> GiveAsync(CancellationToken cancellationToken)
    {
        List<string> left = [];
        if (LibC.EffectiveUser() != 0)
            return left;
        for (int offset = 0; ; offset += UsersAtOnce)
        {
            (IReadOnlyList<User> users, _) = await accounts.ListAsync(new UserQuery { Limit = UsersAtOnce, Offset = offset }, cancellationToken);
            foreach (User user in users)
            {
                HomeDirectory home = homes.Locate(user.Id, user.Name);
                using OpenedDirectory? opened = OpenedDirectory.TryOpen(home.Path, new FileUser(null, null));
                if (opened is not null)
                    Give(opened, (uint)home.UserId!.Value, (uint)home.GroupId!.Value, home.Path, left);
            }
            if (users.Count < UsersAtOnce)
                return left;
        }
    }

    private static void Give(OpenedDirectory directory, uint user, uint group, string at, List<string> left)
    {
        foreach (byte[] name in directory.Names())
        {
            string path = $"{at}/{FileName.Decode(name.AsSpan(..^1))}";
            try
            {
                if (directory.FindStatus(name) is { Kind: FileKind.Directory })
                {
                    using OpenedDirectory below = directory.OpenDirectory(name);
                    Give(below, user, group, path, left);
                }
                else if (directory.OpenFile(name) is { } file)
                {
                    using (file)
                    {
                        if (LibC.ChangeOwner(file.Handle, user, group) != 0)
                            left.Add($"{path}: its owner could not be set");
                    }
                }
            }
            catch (ContentException failed)
            {
                left.Add($"{path}: {failed.Message}");
            }
        }
        if (LibC.ChangeOwner(directory.Handle, user, group) != 0)
            left.Add($"{at}: its owner could not be set");
    }
}
