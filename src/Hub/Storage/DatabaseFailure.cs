using System.Data.Common;

namespace Hub.Storage;

/// <summary>Failures of the database for those who know no database.</summary>
internal static class DatabaseFailure
{
    /// <summary>One line for the operator; null when <paramref name="failure"/> is no failure of the database.</summary>
    public static string? Explain(Exception failure) => failure is DbException ? $"The database cannot be used: {failure.Message}" : null;
}
