using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hub.Contents.FileSystem;

/// <summary>An open file and what it was when it was opened.</summary>
internal sealed class OpenedFile(SafeFileHandle handle, string path) : IDisposable
{
    private FileStatus? _status;

    public SafeFileHandle Handle { get; } = handle;

    /// <summary>As the user knows it, with a slash in front.</summary>
    public string Path { get; } = path;

    public FileStatus Status => _status ??= StatusOf(Handle, Path);

    /// <summary>Up to <paramref name="buffer"/>'s length from <paramref name="offset"/>; 0 at the end.</summary>
    public int Read(Span<byte> buffer, long offset)
    {
        nint read = LibC.ReadAt(Handle, buffer, (nuint)buffer.Length, offset);
        return read >= 0 ? (int)read : throw FileErrors.Of(FileErrors.Last(), Path);
    }

    /// <summary>All of it, as long as it is no longer than <paramref name="maxBytes"/>.</summary>
    /// <exception cref="ContentException"><see cref="ContentFailure.TooLarge"/>, naming <paramref name="limitName"/>.</exception>
    public byte[] ReadAll(int maxBytes, string limitName)
    {
        if (Status.Size > maxBytes)
            throw TooLarge(maxBytes, limitName);
        // One more than expected, so that a file that grows meanwhile is noticed.
        byte[] content = new byte[Status.Size + 1];
        int length = 0;
        for (int read; (read = Read(content.AsSpan(length), length)) > 0;)
        {
            length += read;
            if (length > maxBytes)
                throw TooLarge(maxBytes, limitName);
            if (length == content.Length)
                Array.Resize(ref content, (int)Math.Min((long)content.Length * 2, maxBytes + 1L));
        }
        return content.AsSpan(0, length).ToArray();
    }

    /// <summary>Both hold the same bytes now.</summary>
    public bool HasContentOf(OpenedFile other)
    {
        byte[] mine = new byte[64 << 10];
        byte[] others = new byte[64 << 10];
        for (long offset = 0; ;)
        {
            int read = Read(mine, offset);
            if (other.Read(others, offset) != read || !mine.AsSpan(0, read).SequenceEqual(others.AsSpan(0, read)))
                return false;
            if (read == 0)
                return true;
            offset += read;
        }
    }

    public void Dispose() => Handle.Dispose();

    public static FileStatus StatusOf(SafeFileHandle handle, string path) =>
        LibC.StatusAt(handle, "\0"u8, LibC.EmptyPath, LibC.BasicStatus, out RawStatus status) == 0
            ? FileStatus.From(status)
            : throw FileErrors.Of(FileErrors.Last(), path);

    public static void RequireRegular(FileStatus status, string path)
    {
        if (status.Kind == FileKind.Directory)
            throw FileErrors.Of(Errno.IsDirectory, path);
        if (status.Kind != FileKind.File)
            throw FileErrors.Of(Errno.NoDevice, path);
    }

    /// <summary>The absolute path of an open file as bytes without a zero; true when asked, not a promise.</summary>
    public static byte[] PlaceOf(SafeFileHandle handle)
    {
        byte[] link = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}\0"));
        byte[] place = new byte[8192];
        nint length = LibC.ReadLink(link, place, (nuint)place.Length);
        return length >= 0 ? place[..(int)length] : throw FileErrors.Of(FileErrors.Last(), "/");
    }

    private ContentException TooLarge(int maxBytes, string limitName) =>
        new(ContentFailure.TooLarge, $"'{Path}' is larger than {limitName} ({maxBytes} bytes)");
}
