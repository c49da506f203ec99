namespace Hub.Backup;

/// <summary>What was written or restored.</summary>
/// <param name="Rows">Of the database.</param>
/// <param name="Files">Regular files and links.</param>
/// <param name="Left">Paths that were left out, with the reason: sockets, names that are no UTF-8, files that vanished.</param>
internal sealed record BackupResult(long Rows, long Files, IReadOnlyList<string> Left);
