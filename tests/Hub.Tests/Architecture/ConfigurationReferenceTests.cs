using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using Xunit;

namespace Hub.Tests.Architecture;

/// <summary>Every setting has a default, a range where one makes sense, and a sentence; the reference is made from them.</summary>
public sealed class ConfigurationReferenceTests
{
    private const string Head = """
        # Configuration

        Made from the program by the tests; do not edit. Every setting works from `appsettings.json`, from the environment
        (`Section__Key`, for instance `Hub__Data=/srv/hub`) and from the command line (`Section:Key=value`), the later one winning.
        A wrong setting stops the start and is named. `--port N` and `--data DIR` are short for `--urls http://127.0.0.1:N` and
        `Hub:Data=DIR`; `HUB_ADMIN_TOKEN` is short for `Hub__AdminToken`.


        """;

    [Fact]
    public void The_reference_of_settings_is_current()
    {
        StringBuilder page = new(Head);
        foreach (Type options in OptionTypes())
        {
            page.Append(CultureInfo.InvariantCulture, $"## {Section(options)}\n\n| setting | default | range | meaning |\n|---|---|---|---|\n");
            // A section may itself be a dictionary, such as the roles by name.
            AddRows(page, DictionaryEntry(options) is null ? Section(options) : Section(options) + ":{name}", DictionaryEntry(options) ?? options);
            page.Append('\n');
        }

        GeneratedPage.IsCurrent("configuration.md", page.ToString());
    }

    [Fact]
    public void Every_setting_says_what_it_means() =>
        Assert.Empty(
            from options in OptionTypes()
            from property in Settings(DictionaryEntry(options) ?? options)
            where string.IsNullOrWhiteSpace(property.GetCustomAttribute<DescriptionAttribute>()?.Description)
            select $"{Section(options)}:{property.Name} has no [Description]");

    private static IEnumerable<Type> OptionTypes() =>
        from assembly in new[] { typeof(HubApplication).Assembly, typeof(global::Spawner.ISpawner).Assembly, typeof(Wire.Jupyter.KernelMessage).Assembly }
        from type in assembly.GetTypes()
        where type.GetField("Section", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static) is { IsLiteral: true }
        orderby Section(type)
        select type;

    private static string Section(Type options) =>
        (string)options.GetField("Section", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)!.GetRawConstantValue()!;

    private static IEnumerable<PropertyInfo> Settings(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    private static void AddRows(StringBuilder page, string prefix, Type options)
    {
        object? defaults = options.GetConstructor(Type.EmptyTypes) is null ? null : Activator.CreateInstance(options);
        foreach (PropertyInfo property in Settings(options))
        {
            string key = $"{prefix}:{property.Name}";
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            Type? entry = DictionaryEntry(type);
            string shown = entry is null ? key : $"{key}:{{name}}";
            string meaning = GeneratedPage.Cell(property.GetCustomAttribute<DescriptionAttribute>()?.Description);
            page.Append(CultureInfo.InvariantCulture, $"| `{shown}` | {Default(defaults, property)} | {Range(property, type)} | {meaning} |\n");
            Type? nested = IsNested(entry ?? type) ? entry ?? type : null;
            if (nested is not null)
                AddRows(page, shown, nested);
        }
    }

    private static bool IsNested(Type type) =>
        type.Namespace is { } space && (space.StartsWith("Hub", StringComparison.Ordinal) || space.StartsWith("Spawner", StringComparison.Ordinal)) && type.IsClass;

    private static Type? DictionaryEntry(Type type) =>
        type.GetInterfaces().Append(type)
            .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() is { } open
                && (open == typeof(IDictionary<,>) || open == typeof(IReadOnlyDictionary<,>)))
            ?.GetGenericArguments()[1];

    private static string Default(object? defaults, PropertyInfo property) =>
        (defaults is null ? null : property.GetValue(defaults)) switch
        {
            null => "–",
            string { Length: 0 } => "empty",
            string text => $"`{GeneratedPage.Cell(text)}`",
            bool flag => flag ? "`true`" : "`false`",
            IEnumerable list => list.Cast<object>().Any() && DictionaryEntry(list.GetType()) is null ? $"`{GeneratedPage.Cell(string.Join(", ", list.Cast<object>()))}`" : "–",
            IFormattable value => $"`{value.ToString(null, CultureInfo.InvariantCulture)}`",
            _ => "–",
        };

    private static string Range(PropertyInfo property, Type type)
    {
        List<string> parts = [];
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}"));
        if (property.GetCustomAttribute<MinLengthAttribute>() is { } least)
            parts.Add($"at least {least.Length} characters");
        if (property.GetCustomAttribute<StringLengthAttribute>() is { } most)
            parts.Add($"{most.MinimumLength} to {most.MaximumLength} characters");
        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern)
            parts.Add($"`{GeneratedPage.Cell(pattern.Pattern)}`");
        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
            parts.Add(string.Join(", ", allowed.Values.Select(value => $"`{value}`")));
        if (type.IsEnum)
            parts.Add(string.Join(", ", Enum.GetNames(type).Select(value => $"`{value}`")));
        return GeneratedPage.Cell(string.Join("; ", parts));
    }
}
