using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Events.Audit;

/// <summary>Section <c>Audit</c>: the record of who did what.</summary>
public sealed record AuditOptions
{
    public const string Section = "Audit";

    [Range(100, 1_000_000)]
    [Description("Events that may wait in memory while the database is away; what is more is lost, and the audit says how many.")]
    public int QueueLength { get; init; } = 10_000;

    [Range(0, 600)]
    [Description("Seconds a hub that ends tries to write the events that still wait; then the log says how many are lost.")]
    public int DrainSeconds { get; init; } = 5;
}
