namespace Hub.Events.Audit;

/// <summary>What people are told about the record of the cells they run.</summary>
internal static class CellNotice
{
    /// <summary>Null when there is nothing to tell.</summary>
    public static string? Of(AuditOptions options) => options.Cells switch
    {
        CellAudit.Hash => "This hub keeps a record of who runs which cell and when, with a fingerprint of its code.",
        CellAudit.Text => "This hub keeps a record of who runs which cell and when, with the code.",
        _ => null,
    };
}
