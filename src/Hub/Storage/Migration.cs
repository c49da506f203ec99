using System.Globalization;
using System.Reflection;

namespace Hub.Storage;

/// <summary>One numbered step of the schema; steps only go forward.</summary>
/// <param name="Version">1, 2, 3 … without gaps.</param>
/// <param name="Name">File name, such as <c>0001-accounts</c>.</param>
internal sealed record Migration(int Version, string Name, string Sql)
{
    private const string Prefix = "Hub.Storage.Migrations.Sqlite.";

    /// <summary>The steps built into this program, in order.</summary>
    public static IReadOnlyList<Migration> BuiltIn { get; } = Load(typeof(Migration).Assembly);

    private static Migration[] Load(Assembly assembly) =>
    [
        .. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(name => Read(assembly, name))
            .OrderBy(migration => migration.Version),
    ];

    private static Migration Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        string name = resource[Prefix.Length..^".sql".Length];
        return new Migration(int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture), name, reader.ReadToEnd());
    }
}
