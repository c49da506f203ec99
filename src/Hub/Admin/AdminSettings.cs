using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace Hub.Admin;

/// <summary>
/// The settings in force, read from the options records as the hub uses them. Fails closed: numbers, switches and choices are shown; a text is shown
/// unless its name or its look is that of a secret; what an operator wrote into a dictionary is never shown.
/// </summary>
internal sealed class AdminSettings(IServiceProvider services)
{
    private const string Hidden = "(set, not shown)";
    private static readonly string[] s_secretWords = ["secret", "token", "password", "connectionstring", "credential", "key"];

    public IReadOnlyList<SettingRow> List()
    {
        List<SettingRow> rows = [];
        foreach ((string section, Type type) in Records())
        {
            object value = ((IOptions<object>)services.GetRequiredService(typeof(IOptions<>).MakeGenericType(type))).Value;
            rows.AddRange(from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                          where property.CanWrite && property.GetIndexParameters().Length == 0
                          select Row(section, property, value, Activator.CreateInstance(type)!));
        }
        return [.. rows.OrderBy(row => row.Key, StringComparer.Ordinal)];
    }

    private static IEnumerable<(string Section, Type Type)> Records() =>
        from assembly in new[] { typeof(AdminSettings).Assembly, typeof(Spawner.ISpawner).Assembly }
        from type in assembly.GetTypes()
        where type.Name.EndsWith("Options", StringComparison.Ordinal) && type.GetConstructor(Type.EmptyTypes) is not null
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)
        where section is { IsLiteral: true }
        select ((string)section.GetRawConstantValue()!, type);

    private static SettingRow Row(string section, PropertyInfo property, object inForce, object defaults)
    {
        string shown = Text(property, property.GetValue(inForce));
        bool changed = shown != Text(property, property.GetValue(defaults));
        return new SettingRow($"{section}:{property.Name}", shown, changed, property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "");
    }

    private static string Text(PropertyInfo property, object? value) => value switch
    {
        null or "" => "",
        bool flag => flag ? "true" : "false",
        Enum or TimeSpan or IConvertible and not string => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        string text => IsSecret(property.Name, text) ? Hidden : text,
        IEnumerable<string> texts => string.Join(", ", texts.Select(text => IsSecret(property.Name, text) ? Hidden : text)),
        ICollection { Count: 0 } => "",
        ICollection several => string.Create(CultureInfo.InvariantCulture, $"({several.Count} set, not shown)"),
        _ => Hidden,
    };

    /// <summary>An address with a name and password in it is as secret as what is called so.</summary>
    private static bool IsSecret(string name, string text) =>
        s_secretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))
        || (Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.UserInfo.Length > 0);
}
