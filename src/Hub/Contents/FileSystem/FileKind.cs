namespace Hub.Contents.FileSystem;

/// <summary>What an entry of a directory is; everything that is neither file, directory nor link is never opened.</summary>
internal enum FileKind
{
    /// <summary>FIFO, socket or device: opening one may block, wake somebody or reach hardware.</summary>
    Other,
    File,
    Directory,
    Link,
}
