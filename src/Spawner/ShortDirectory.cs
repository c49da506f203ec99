using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Spawner.Posix;

namespace Spawner;

/// <summary>
/// A place with a short path for sockets that would not fit otherwise: a Unix socket's path may have
/// <see cref="ConnectionFile.MaxSocketPathBytes"/> bytes, and data directories can lie deep.
/// </summary>
internal static class ShortDirectory
{
    /// <summary>Whether the five sockets fit beneath a directory.</summary>
    public static bool Fits(string directory) =>
        Encoding.UTF8.GetByteCount($"{directory}/{ConnectionFile.SocketNames[^1]}") <= ConnectionFile.MaxSocketPathBytes;

    /// <summary>The hub's own short directory: beneath /run for root, else beneath XDG_RUNTIME_DIR or /tmp. Made when missing.</summary>
    /// <exception cref="IOException">It cannot be made, or somebody else made one of that name.</exception>
    public static string Open(SpawnSite site)
    {
        string parent = Parent();
        Make(parent);
        string mine = $"{parent}/{site.HubId}";
        Make(mine);
        return mine;
    }

    /// <summary>The entry of that name in the hub's short directory, or null when there is none.</summary>
    public static string? Existing(SpawnSite site, string name) =>
        $"{Parent()}/{site.HubId}/{name}" is var path && Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null ? path : null;

    /// <summary>Removes the symlink of that name from the hub's short directory, when there is one.</summary>
    public static void RemoveLink(SpawnSite site, string name)
    {
        FileInfo link = new($"{Parent()}/{site.HubId}/{name}");
        if (link.LinkTarget is not null) link.Delete();
    }

    /// <summary>Removes the hub's short directory when nothing is in it.</summary>
    public static void RemoveIfEmpty(SpawnSite site)
    {
        try
        {
            Directory.Delete($"{Parent()}/{site.HubId}");
        }
        catch (IOException)
        {
            // Not empty, or not there: both are fine.
        }
    }

    private static string Parent() => HubUser.IsRoot ? "/run/notebook-hub"
        : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 and <= 40 } runtime ? $"{runtime}/notebook-hub"
        : $"/tmp/notebook-hub-{HubUser.UserId}";

    /// <summary>Makes a directory of the hub's own unless it is there. Others may pass through (their kernels' directories are inside), not list and not write.</summary>
    public static void Make(string path)
    {
        if (Libc.MakeDirectory(path, 0x1c9 /* 0711 */) != 0 && Marshal.GetLastPInvokeError() != Libc.Exists)
            throw new IOException($"{path} cannot be made: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        // /tmp is everybody's: whoever came first must have been us.
        if (Libc.Stat(-100 /* AT_FDCWD */, path, Libc.SymlinkNoFollow, FileStatus.BasicMask, out FileStatus status) != 0
            || !status.IsDirectory || status.User != (uint)HubUser.UserId || (status.Mode & 0x12) != 0)
            throw new IOException($"{path} is not a directory of the hub's own");
        // The umask may have taken something away.
        _ = Libc.ChangeMode(path, 0x1c9);
    }
}
