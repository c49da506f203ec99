using System.Globalization;
using System.Runtime.InteropServices;
using Hub.Contents.FileSystem;
using Hub.Contents.Quotas;
using Hub.Storage;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Hub.Contents;

/// <summary>
/// Finds, and on first use makes, the home of a user. As root every user has an own uid, so that the operating system keeps people apart even
/// if a mount or a container does not; unprivileged, everything is the hub's own.
/// </summary>
public sealed class Homes(DataLayout layout, IOptions<ContentsOptions> options, HomeImages images, HomeQuotas quotas)
{
    private const uint OwnerOnly = 0x1C0; // rwx------

    /// <summary>The home of <paramref name="userName"/>, made with its owner and mode if it was not there.</summary>
    /// <exception cref="HomeException">It cannot be made or mounted, or belongs to another user id.</exception>
    public HomeDirectory Open(long userId, string userName)
    {
        HomeDirectory home = Locate(userId, userName);
        bool isImage = images.Ready(home, quotas.LimitOf(userName));
        using SafeFileHandle handle = OpenOrMake(home);
        if (home.UserId is { } owner)
            Own(handle, home, (uint)owner);
        return home with { Allowance = quotas.Open(home, isImage) };
    }

    /// <summary>Where the home of <paramref name="userName"/> is or would be, to be read; makes none.</summary>
    /// <exception cref="HomeException">It cannot be mounted.</exception>
    internal HomeDirectory Find(long userId, string userName)
    {
        HomeDirectory home = Locate(userId, userName);
        images.Find(home.Path);
        return home;
    }

    /// <summary>Where the home of <paramref name="userName"/> is or would be.</summary>
    public string PathOf(string userName) => Path.Combine(Path.GetFullPath(layout.Homes), HomeName.Of(userName));

    /// <summary>Where the home of a deleted user waits for the operator; no user's name leads there, since theirs have capital digits after a percent sign.</summary>
    internal string PathOfDeleted(long userId, string userName)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"%deleted-{userId}-{HomeName.Of(userName)}");
        return Path.Combine(Path.GetFullPath(layout.Homes), name[..Math.Min(name.Length, 255)]);
    }

    /// <summary>Where the home is or would be, and whose it is; makes nothing.</summary>
    internal HomeDirectory Locate(long userId, string userName)
    {
        string path = PathOf(userName);
        if (LibC.EffectiveUser() != 0)
            return new HomeDirectory(userName, path, null, null);
        long uid = options.Value.FirstUserId + userId;
        // -1 means "leave it" to chown, and ids from 2^31 on are no int.
        return uid is >= 0 and < int.MaxValue
            ? new HomeDirectory(userName, path, (int)uid, (int)uid)
            : throw new HomeException($"User id {userId} and Contents:FirstUserId ({options.Value.FirstUserId}) together are no uid of this machine.");
    }

    private static SafeFileHandle OpenOrMake(HomeDirectory home)
    {
        byte[] path = FileName.Encode(home.Path);
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec;
        int descriptor = LibC.Open(path, flags, 0);
        if (descriptor < 0 && (Errno)Marshal.GetLastPInvokeError() == Errno.NoEntry)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(home.Path)!);
            if (LibC.MakeDirectory(path, OwnerOnly) != 0 && (Errno)Marshal.GetLastPInvokeError() != Errno.Exists)
                throw Failed(home, "made");
            descriptor = LibC.Open(path, flags, 0);
        }
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failed(home, "opened");
    }

    /// <summary>
    /// A home that root made a moment ago, or that an operator put there, becomes the user's. One that is owned by another uid is refused: it is what
    /// a former user of the same name left behind, and giving it away would show somebody's files to somebody else.
    /// </summary>
    private static void Own(SafeFileHandle handle, HomeDirectory home, uint owner)
    {
        if (LibC.StatusAt(handle, "\0"u8, LibC.EmptyPath, LibC.BasicStatus, out RawStatus status) != 0)
            throw Failed(home, "examined");
        if (status.UserId == owner)
            return;
        if (status.UserId != 0)
        {
            throw new HomeException(
                $"The home {home.Path} belongs to uid {status.UserId}, but {home.UserName} has uid {owner}: it is another user's, or Contents:FirstUserId "
                + $"was changed. Move it away, or give it to the user with: chown -R {owner}:{owner} {home.Path}");
        }
        if (LibC.ChangeOwner(handle, owner, (uint)home.GroupId!.Value) != 0 || LibC.ChangeMode(handle, OwnerOnly) != 0)
            throw Failed(home, "given to its user");
    }

    private static HomeException Failed(HomeDirectory home, string verb) =>
        new($"The home {home.Path} cannot be {verb}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
}
