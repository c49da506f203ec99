using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Storage;

/// <summary>Section <c>Storage</c>: how the database is used.</summary>
public sealed record StorageOptions
{
    public const string Section = "Storage";

    [Range(1, 600)]
    [Description("Seconds a query waits for another process that holds the database, before it fails.")]
    public int BusyTimeoutSeconds { get; init; } = 10;
}
