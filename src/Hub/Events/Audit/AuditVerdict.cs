namespace Hub.Events.Audit;

/// <summary>What checking the whole chain found.</summary>
/// <param name="Records">How many are whole, from the first that is kept.</param>
/// <param name="Last">The last of them; who notes its number and hash elsewhere can later prove that nothing was cut off the end.</param>
/// <param name="Problem">Names the first broken record; null when there is none.</param>
internal sealed record AuditVerdict(long Records, AuditRecord? Last, string? Problem)
{
    /// <summary>Number of the last record that was removed after <c>Audit:KeepDays</c>; 0 when none was.</summary>
    public long CutThrough { get; init; }
}
