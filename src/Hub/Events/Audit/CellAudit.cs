namespace Hub.Events.Audit;

/// <summary>What the audit keeps of cells people run.</summary>
public enum CellAudit
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>Who ran which cell, and the SHA-256 of its code.</summary>
    Hash,

    /// <summary>As Hash, and the beginning of the code.</summary>
    Text,
}
