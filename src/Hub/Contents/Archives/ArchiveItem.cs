using Hub.Contents.FileSystem;

namespace Hub.Contents.Archives;

/// <summary>An entry of a tree that belongs into an archive.</summary>
/// <param name="Name">Path in the archive.</param>
/// <param name="Directory">Open directory it lies in; valid until the next item.</param>
/// <param name="Entry">Its name there.</param>
internal sealed record ArchiveItem(string Name, OpenedDirectory Directory, byte[] Entry, FileStatus Status);
