using Hub.Contents.FileSystem;

namespace Hub.Contents.Saving;

/// <summary>
/// Puts a finished file in its place if what its writer knows of that place is still true. Nobody can be kept from writing there in the meantime, least of all
/// a kernel: so the two files change places in one step, and when what came out is not what was expected, they change back.
/// </summary>
internal sealed class SavePlace(ContentPath path, WriteTarget target, Preconditions conditions)
{
    /// <summary>Before anything is written: what is refused in the end anyhow is refused at once.</summary>
    public void Check() => conditions.Require(target.Existing, path);

    /// <param name="knownHash">SHA-256 of what the writer believes is there; null when it does not say. Where nothing is, nothing can be lost.</param>
    /// <exception cref="ContentException">412 or 409: something else is there; it stays.</exception>
    public FileStatus Put(PendingFile file, string? knownHash)
    {
        uint mode = (target.Existing?.Mode ?? FileModes.File) & FileModes.Permissions;
        if (conditions.IsNone && knownHash is null)
            return file.Replace(target.Name, mode);
        FileStatus? there = target.Directory.FindStatus(target.Name);
        conditions.Require(there, path);
        if (there is null)
            return file.TryPlace(target.Name, mode) ?? throw (conditions.MustBeNew ? Preconditions.Exists(path) : Preconditions.Changed(path));
        if (knownHash is not null)
            there = RequireHash(knownHash);
        return file.TryReplace(target.Name, mode, there.Value) ?? throw (knownHash is null ? Preconditions.Changed(path) : Conflict());
    }

    private FileStatus RequireHash(string knownHash)
    {
        using OpenedFile present = target.Directory.OpenFile(target.Name) ?? throw Conflict();
        return FileScan.Of(present, CancellationToken.None).Hash == knownHash ? present.Status : throw Conflict();
    }

    private ContentException Conflict() => new(
        ContentFailure.Conflict,
        $"'{path}' was changed by somebody else: it does not have the hash that the save is based on. Nothing was saved; read it again, or save without 'hash' to overwrite it.",
        "changed");
}
