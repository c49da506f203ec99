namespace Hub.Contents.Archives;

/// <summary>A kind of archive a directory can be downloaded as.</summary>
/// <param name="Name">As a request says it, and the ending of the file's name.</param>
internal sealed record ArchiveFormat(string Name, string ContentType, Func<ArchiveOutput, IArchiveWriter> Write)
{
    private static readonly ArchiveFormat[] s_all =
    [
        new("zip", "application/zip", output => new ZipArchiveWriter(output)),
        new("tar.gz", "application/gzip", output => new TarArchiveWriter(output, compressed: true)),
        new("tar", "application/x-tar", output => new TarArchiveWriter(output, compressed: false)),
    ];

    /// <exception cref="ContentException"><see cref="ContentFailure.BadRequest"/>, naming those there are.</exception>
    public static ArchiveFormat Parse(string name) =>
        Array.Find(s_all, format => format.Name == name)
        ?? throw new ContentException(ContentFailure.BadRequest, $"Format '{name[..Math.Min(name.Length, 40)]}' is invalid: it must be zip, tar.gz or tar");
}
