namespace Hub.Contents.FileSystem;

/// <summary>An open directory, a name in it, and what bears that name now (null: nothing).</summary>
internal sealed record WriteTarget(OpenedDirectory Directory, byte[] Name, FileStatus? Existing) : IDisposable
{
    public void Dispose() => Directory.Dispose();
}
