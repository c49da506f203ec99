namespace Hub.Storage;

/// <summary>Which steps a database still needs, or why this program must not touch it.</summary>
internal sealed record MigrationPlan(IReadOnlyList<Migration> Steps, string? Refusal)
{
    public static MigrationPlan For(int databaseVersion, IReadOnlyList<Migration> known)
    {
        for (int i = 0; i < known.Count; i++)
        {
            if (known[i].Version != i + 1)
                return new MigrationPlan([], $"The migrations of this program are not numbered 1, 2, 3 …: {known[i].Name} stands in place {i + 1}.");
        }
        if (databaseVersion > known.Count)
        {
            return new MigrationPlan([], $"The database has schema version {databaseVersion}, this program knows versions up to {known.Count}: "
                + "it was last used by a newer Notebook Hub. Start that version again, or restore a backup made with this one. Nothing was changed.");
        }
        return new MigrationPlan([.. known.Skip(databaseVersion)], null);
    }
}
