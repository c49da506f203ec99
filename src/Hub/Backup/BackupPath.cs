namespace Hub.Backup;

/// <summary>Names of an archive's entries, which may be anybody's: which of them can be laid below a directory without reaching beyond.</summary>
internal static class BackupPath
{
    /// <summary>Characters; with the data directory's own it stays below what an operating system takes (4,096 bytes).</summary>
    public const int MaxLength = 1000;

    private static readonly string[] s_directories = [BackupManifest.Keys, BackupManifest.Profiles, BackupManifest.Classes, BackupManifest.HomesDirectory];

    /// <summary>Why <paramref name="name"/> is refused; null when it is good.</summary>
    /// <param name="name">As in the archive; a directory's may end in a slash.</param>
    /// <param name="isDirectory">Says what the entry is.</param>
    /// <param name="isLink">Links are taken only inside of a home, where its owner could make them, too.</param>
    public static string? Problem(string name, bool isDirectory, bool isLink)
    {
        string path = isDirectory && name.EndsWith('/') ? name[..^1] : name;
        if (path.Length is 0 or > MaxLength + 200)
            return "its name is empty or too long";
        if (path.Contains('\0', StringComparison.Ordinal))
            return "its name holds a zero";
        string[] parts = path.Split('/');
        if (parts.Any(part => part.Length == 0 || part is "." or ".."))
            return "its name leads elsewhere";
        if (parts is [BackupManifest.Entry] or [BackupManifest.Database])
            return isDirectory || isLink ? "it should be a file" : null;
        if (!s_directories.Contains(parts[0], StringComparer.Ordinal))
            return "a backup of the hub has no such entry";
        if (parts.Length == 1 && !isDirectory)
            return "it should be a directory";
        return isLink && (parts[0] != BackupManifest.HomesDirectory || parts.Length < 3) ? "links are taken only inside of homes" : null;
    }
}
