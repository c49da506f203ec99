using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Storage;

/// <summary>Section <c>Storage</c>: which database there is and how it is used.</summary>
public sealed record StorageOptions : IValidatableObject
{
    public const string Section = "Storage";

    /// <summary>The database in the data directory; needs nothing else.</summary>
    public const string Sqlite = "sqlite";

    /// <summary>A PostgreSQL server.</summary>
    public const string PostgreSql = "postgresql";

    [AllowedValues(Sqlite, PostgreSql)]
    [Description("What keeps accounts, tokens, sign-ins, sessions and the audit: sqlite (a file in the data directory) or postgresql (a server, see ConnectionString).")]
    public string Provider { get; init; } = Sqlite;

    /// <summary>A secret: never logged, never shown.</summary>
    [Description("How to reach the PostgreSQL server, such as Host=db;Database=hub;Username=hub;Password=…; keep it in the environment as Storage__ConnectionString. Pool sizes and time-outs in it are overridden by the settings here.")]
    public string? ConnectionString { get; init; }

    [Range(1, 600)]
    [Description("Seconds a write waits for its turn, and for another process that holds the database, before it fails.")]
    public int BusyTimeoutSeconds { get; init; } = 10;

    [Range(2, 500)]
    [Description("Connections to the PostgreSQL server at most; who needs one more waits for up to ConnectSeconds.")]
    public int MaxConnections { get; init; } = 20;

    [Range(1, 300)]
    [Description("Seconds to connect to the PostgreSQL server, and to wait for a free connection.")]
    public int ConnectSeconds { get; init; } = 5;

    [Range(1, 3600)]
    [Description("Seconds a single query of the PostgreSQL server may take.")]
    public int CommandSeconds { get; init; } = 15;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider == PostgreSql && string.IsNullOrWhiteSpace(ConnectionString))
            yield return new ValidationResult("it is needed with Storage:Provider=postgresql.", [nameof(ConnectionString)]);
        if (Provider == Sqlite && !string.IsNullOrWhiteSpace(ConnectionString))
            yield return new ValidationResult("it is for Storage:Provider=postgresql; SQLite's database is in the data directory.", [nameof(ConnectionString)]);
    }
}
