using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Hub.Storage.Engines;

namespace Hub.Storage;

/// <summary>One numbered step of the schema; steps only go forward.</summary>
/// <param name="Version">1, 2, 3 … without gaps.</param>
/// <param name="Name">File name, such as <c>0001-accounts</c>.</param>
/// <param name="Sql">For SQLite, and for PostgreSQL as its engine translates it.</param>
/// <param name="PostgreSql">Instead of the translation, for a step it does not do for.</param>
internal sealed partial record Migration(int Version, string Name, string Sql, string? PostgreSql = null)
{
    private const string Prefix = "Hub.Storage.Migrations.";
    private const string OfPostgreSql = ".postgresql.sql";

    /// <summary>The steps built into this program, in order.</summary>
    public static IReadOnlyList<Migration> BuiltIn { get; } = Load(typeof(Migration).Assembly);

    /// <summary>The tables these steps have ever made; whatever else lies beside them is not the hub's.</summary>
    public static HashSet<string> TablesOf(IEnumerable<Migration> known) =>
        [Migrator.VersionTableName, .. known.SelectMany(step => Made().Matches(step.Sql)).Select(made => made.Groups[1].Value)];

    public string SqlFor(ISqlEngine engine) => engine.Name == StorageOptions.PostgreSql && PostgreSql is not null ? PostgreSql : engine.Translate(Sql);

    private static Migration[] Load(Assembly assembly) =>
    [
        .. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal) && !name.EndsWith(OfPostgreSql, StringComparison.Ordinal))
            .Select(name => Read(assembly, name))
            .OrderBy(migration => migration.Version),
    ];

    private static Migration Read(Assembly assembly, string resource)
    {
        string name = resource[Prefix.Length..^".sql".Length];
        return new Migration(int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture), name, Text(assembly, resource)!, Text(assembly, resource[..^".sql".Length] + OfPostgreSql));
    }

    private static string? Text(Assembly assembly, string resource)
    {
        using Stream? stream = assembly.GetManifestResourceStream(resource);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\bCREATE TABLE (\w+)")]
    private static partial Regex Made();
}
