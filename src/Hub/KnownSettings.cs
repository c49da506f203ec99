using System.Collections;
using System.Reflection;

namespace Hub;

/// <summary>
/// Every setting there is, read from the options records, so that a key nobody reads is a typing mistake that is told with its nearest known neighbour
/// and not a setting that silently does nothing.
/// </summary>
internal sealed class KnownSettings
{
    /// <summary>Sections the framework reads itself.</summary>
    private static readonly HashSet<string> Framework = new(StringComparer.OrdinalIgnoreCase) { "Logging", "Kestrel", "HttpClient", "ConnectionStrings" };

    private readonly ILookup<string, Type> _sections;

    public KnownSettings(IEnumerable<Type> types) =>
        _sections = types.Where(type => SectionOf(type) is not null).ToLookup(type => SectionOf(type)!, StringComparer.OrdinalIgnoreCase);

    public static KnownSettings OfThisProgram { get; } = new(typeof(HubSettings).Assembly.GetTypes().Concat(typeof(Spawner.ISpawner).Assembly.GetTypes()));

    /// <summary>The section an options record is bound to; null for other types.</summary>
    public static string? SectionOf(Type type) =>
        type.Name.EndsWith("Options", StringComparison.Ordinal)
            ? type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
            : null;

    public bool IsOurs(string section) => _sections.Contains(section);

    /// <summary>A section that is neither ours nor the framework's but so like one of ours that it must be meant.</summary>
    public bool IsNearlyOurs(string section) => !IsOurs(section) && !Framework.Contains(section) && Nearest(section, Sections, 2) is not null;

    /// <summary>One sentence about a key such as <c>Http:Prot</c> that no record has; null for known keys and for the framework's.</summary>
    public string? Problem(string key)
    {
        string[] parts = key.Split(':');
        if (parts.Length < 2 || Framework.Contains(parts[0]))
            return null;
        if (!IsOurs(parts[0]))
            return $"There is no setting {key}: no section is called {parts[0]}.{Hint(parts[0], Sections, name => string.Join(':', [name, .. parts[1..]]))} See docs/reference/configuration.md.";
        (int at, List<string> known)? miss = null;
        foreach (Type record in _sections[parts[0]])
        {
            if (Miss(record, parts, 1) is not { } found)
                return null;
            if (miss is null || found.At > miss.Value.at)
                miss = found;
            else if (found.At == miss.Value.at)
                miss.Value.known.AddRange(found.Known);
        }
        (int wrong, List<string> names) = miss!.Value;
        string parent = string.Join(':', parts[..wrong]);
        return names.Count == 0
            ? $"There is no setting {key}: {parent} is a single value. See docs/reference/configuration.md."
            : $"There is no setting {key}: the section {parent} has no such key.{Hint(parts[wrong], names, name => $"{parent}:{name}")} See docs/reference/configuration.md.";
    }

    private IEnumerable<string> Sections => _sections.Select(section => section.Key);

    /// <summary>Which part of the key <paramref name="type"/> does not know, and what it knows there; null when it knows them all.</summary>
    private static (int At, List<string> Known)? Miss(Type type, string[] parts, int at)
    {
        Type kind = Nullable.GetUnderlyingType(type) ?? type;
        if (at == parts.Length)
            return null;
        if (ValueOf(kind) is { } element)
            return Miss(element, parts, at + 1); // a name or a number of the operator's
        if (kind.IsPrimitive || kind.IsEnum || kind == typeof(string) || kind.Namespace == "System")
            return (at, []);
        PropertyInfo[] properties = kind.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        return properties.FirstOrDefault(one => string.Equals(one.Name, parts[at], StringComparison.OrdinalIgnoreCase)) is { } property
            ? Miss(property.PropertyType, parts, at + 1)
            : (at, [.. properties.Where(one => one.Name != "EqualityContract").Select(one => one.Name)]);
    }

    /// <summary>What a dictionary or list holds; null for everything else.</summary>
    private static Type? ValueOf(Type type) =>
        type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type) ? null
        : type.IsArray ? type.GetElementType()
        : type.GetGenericArguments() is [.., var last] ? last
        : type.BaseType is { } parent && typeof(IEnumerable).IsAssignableFrom(parent) ? ValueOf(parent) // a section that is a dictionary
        : typeof(string);

    private static string Hint(string wrong, IEnumerable<string> known, Func<string, string> full) =>
        Nearest(wrong, known, Math.Max(2, wrong.Length / 3)) is { } nearest ? $" Did you mean {full(nearest)}?" : "";

    private static string? Nearest(string wrong, IEnumerable<string> known, int within) =>
        known.Select(name => (name, distance: Distance(wrong.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(one => one.distance <= within).OrderBy(one => one.distance).Select(one => one.name).FirstOrDefault();

    /// <summary>Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).</summary>
    private static int Distance(string one, string other)
    {
        int[,] steps = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
            steps[i, 0] = i;
        for (int j = 0; j <= other.Length; j++)
            steps[0, j] = j;
        for (int i = 1; i <= one.Length; i++)
        {
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = steps[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                steps[i, j] = Math.Min(replaced, Math.Min(steps[i - 1, j], steps[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    steps[i, j] = Math.Min(steps[i, j], steps[i - 2, j - 2] + 1);
            }
        }
        return steps[one.Length, other.Length];
    }
}
