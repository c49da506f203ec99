using Hub.Contents.Quotas;

namespace Hub.Contents.FileSystem;

/// <summary>
/// As whom names are resolved. A hub that runs as root takes on the user's uid for exactly the calls that look at or change names: then permissions,
/// owners of new files and hard links to somebody else's files are judged by the operating system as if the user had come alone. Entered around
/// system calls and as little else as possible: an assembly that is loaded meanwhile would be looked for with the user's rights.
/// </summary>
internal sealed class FileUser(int? userId, int? groupId)
{
    [ThreadStatic]
    private static bool t_entered;

    /// <summary>The uid names are resolved as.</summary>
    public uint Id { get; } = userId is { } id ? (uint)id : LibC.EffectiveUser();

    /// <summary>How much may still be written as this user; null without a quota.</summary>
    public HomeAllowance? Allowance { get; init; }

    /// <summary>Until disposed, the calling thread touches files as this user. Must not enclose an await; may be nested.</summary>
    public Scope Enter()
    {
        if (userId is not { } user || t_entered)
            return new Scope(false);
        _ = LibC.SetFileGroup(groupId ?? user);
        _ = LibC.SetFileUser(user);
        t_entered = true;
        // setfsuid cannot fail aloud; asking for an impossible id changes nothing and tells the present one.
        if (LibC.SetFileUser(-1) == user)
            return new Scope(true);
        new Scope(true).Dispose();
        throw new InvalidOperationException($"The hub runs as root but may not act as uid {user}: it needs the capabilities SETUID and SETGID.");
    }

    internal readonly ref struct Scope(bool entered)
    {
        public void Dispose()
        {
            if (!entered)
                return;
            t_entered = false;
            _ = LibC.SetFileUser(0);
            _ = LibC.SetFileGroup(0);
            if (LibC.SetFileUser(-1) != 0)
                Environment.FailFast("The hub could not become itself again after acting as a user.");
        }
    }
}
