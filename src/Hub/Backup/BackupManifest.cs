namespace Hub.Backup;

/// <summary>First entry of an archive: what made it and what is in it.</summary>
/// <param name="Product">Always <see cref="ProductName"/>.</param>
/// <param name="Format">Of the archive.</param>
/// <param name="Version">Of the hub that made it.</param>
/// <param name="At">When the database was read.</param>
/// <param name="Homes">Are the homes in it?</param>
internal sealed record BackupManifest(string Product, int Format, string Version, DateTimeOffset At, bool Homes)
{
    public const string ProductName = "Notebook Hub";

    public const int CurrentFormat = 1;

    /// <summary>Names of the archive's entries and first directories.</summary>
    public const string Entry = "manifest.json";

    public const string Database = "database.ndjson";
    public const string Keys = "keys";
    public const string Profiles = "profiles";
    public const string Classes = "classes";
    public const string HomesDirectory = "homes";
}
