using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Events.Audit;

/// <summary>Section <c>Audit</c>: the record of who did what.</summary>
public sealed record AuditOptions
{
    public const string Section = "Audit";

    [Range(1, 1_000_000)]
    [Description("Events that may wait in memory to be written; with more, whoever makes one waits (WaitSeconds) until there is room.")]
    public int QueueLength { get; init; } = 10_000;

    [Range(0, 600)]
    [Description("Seconds that whoever makes an event waits for room in a full queue while the database is away; then the oldest event is lost, and the audit says how many.")]
    public int WaitSeconds { get; init; } = 5;

    [Range(0, 600)]
    [Description("Seconds a hub that ends tries to write the events that still wait; then the log says how many are lost.")]
    public int DrainSeconds { get; init; } = 5;

    [Range(0, 36_500)]
    [Description("Days for which records are kept; what is older is removed, and a sealed record says up to where. 0 keeps them for ever.")]
    public int KeepDays { get; init; }

    [Description("Keep the address (behind trusted proxies the one they name) and browser of sign-ins, in the audit and where people see where they are signed in.")]
    public bool Addresses { get; init; } = true;

    [Description("Keep who ran which cell: off, hash (of the code) or text (its beginning, too). People are told on their home page and in JupyterLab.")]
    public CellAudit Cells { get; init; } = CellAudit.Off;

    [Range(1, 100_000)]
    [Description("Characters of a cell's code that are kept with Cells=text.")]
    public int MaxCellCharacters { get; init; } = 2000;
}
