using System.Globalization;
using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>
/// A file's entity tag: its inode, its size, and the time of the inode's last change, which unlike the time of modification nobody can set back. A save
/// makes another inode, a write in place another time.
/// </summary>
internal static class FileTag
{
    private const string ReadOnly = "-r";

    /// <summary>With quotes. Models of what cannot be written have another tag, since they say so.</summary>
    public static string Of(FileStatus status, bool writable = true) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{status.Inode:x}-{status.Size:x}-{status.Changed:x}{(writable ? "" : ReadOnly)}\"");

    public static bool Matches(string tag, FileStatus status) => tag == Of(status) || tag == Of(status, writable: false);
}
