using System.Runtime.InteropServices;

namespace Hub.Contents.FileSystem;

/// <summary>Errors of the operating system in the words of the API.</summary>
internal static class FileErrors
{
    /// <summary>The error of the last call of this thread. Asked at once, before anything else can set another.</summary>
    public static Errno Last() => (Errno)Marshal.GetLastPInvokeError();

    /// <param name="path">As the user knows it, with a slash in front.</param>
    public static ContentException Of(Errno error, string path) => error switch
    {
        Errno.NoEntry or Errno.NotDirectory => new ContentException(ContentFailure.NotFound, $"file or directory '{path}' does not exist"),
        Errno.CrossDevice => new ContentException(ContentFailure.NotFound, $"'{path}' leads out of the home directory"),
        Errno.Loop => new ContentException(ContentFailure.NotFound, $"'{path}' leads through too many links"),
        Errno.Access or Errno.NotPermitted => new ContentException(ContentFailure.Forbidden, $"Permission denied: '{path}'"),
        Errno.ReadOnlySystem => new ContentException(ContentFailure.Forbidden, $"'{path}' is on a read-only file system"),
        Errno.Exists => new ContentException(ContentFailure.Exists, $"File already exists: {path.TrimStart('/')}"),
        Errno.IsDirectory => new ContentException(ContentFailure.BadRequest, $"'{path}' is a directory", "bad type"),
        Errno.NotEmpty => new ContentException(ContentFailure.Exists, $"'{path}' is not empty"),
        Errno.NameTooLong => new ContentException(ContentFailure.BadRequest, $"The name of '{path}' is too long for the file system"),
        Errno.NoSpace => new ContentException(ContentFailure.NoSpace, $"The disk is full: '{path}' was not written. Remove what is not needed and try again."),
        Errno.Quota => new ContentException(ContentFailure.NoSpace, $"The quota is used up: '{path}' was not written. Remove what is not needed and try again."),
        Errno.FileTooBig => new ContentException(ContentFailure.TooLarge, $"'{path}' is too large for the file system"),
        Errno.NoDevice => new ContentException(ContentFailure.BadRequest, $"'{path}' is not a regular file", "bad type"),
        Errno.Again => new ContentException(ContentFailure.Busy, $"'{path}' is being changed by somebody else all the time"),
        Errno.TooManyFiles or Errno.TooManyOpen => new ContentException(ContentFailure.Busy, "The hub has too many files open; try again in a moment"),
        _ => new ContentException(ContentFailure.Broken, $"'{path}': {Marshal.GetPInvokeErrorMessage((int)error)}"),
    };
}
