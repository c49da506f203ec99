using Hub.Contents.FileSystem;

namespace Hub.Contents.Archives;

/// <summary>Writes one kind of archive from its beginning to its end, never looking back. Synchronous; does no input.</summary>
internal interface IArchiveWriter : IDisposable
{
    /// <param name="name">Path in the archive, without a slash at its end.</param>
    void AddDirectory(string name, FileStatus status);

    /// <summary>A file begins; at most <see cref="FileStatus.Size"/> bytes follow.</summary>
    void BeginFile(string name, FileStatus status);

    void Add(ReadOnlySpan<byte> bytes);

    /// <summary>The file is over, however many bytes came: the archive stays whole.</summary>
    void EndFile();

    /// <summary>Nothing follows.</summary>
    void Finish();
}
