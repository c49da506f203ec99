using System.Reflection;
using Microsoft.Extensions.Options;

namespace Hub;

/// <summary>
/// Where settings come from, later ones winning: <c>appsettings.json</c> beside the program and in the working directory; the environment as
/// <c>Section__Key</c> or <c>Hub__Section__Key</c>, and <c>HUB_ADMIN_TOKEN</c>; the command line.
/// </summary>
internal static class HubSettings
{
    private const string EnvironmentPrefix = "Hub__";

    /// <exception cref="HubSettingsException">An argument or setting is unknown or malformed.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] arguments)
    {
        IReadOnlyList<KeyValuePair<string, string?>> fromArguments = CommandLine.Parse(arguments);
        // Settings lie beside the program, whatever directory it is started in.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = fromArguments.LastOrDefault(setting => setting.Key == "environment").Value,
        });
        if (!string.Equals(AppContext.BaseDirectory.TrimEnd('/'), Directory.GetCurrentDirectory(), StringComparison.Ordinal))
            builder.Configuration.AddJsonFile(Path.Combine(Directory.GetCurrentDirectory(), "appsettings.json"), optional: true, reloadOnChange: false);
        builder.Configuration.AddEnvironmentVariables(); // again: above the file in the working directory
        builder.Configuration.AddEnvironmentVariables(EnvironmentPrefix);
        if (Environment.GetEnvironmentVariable("HUB_ADMIN_TOKEN") is { Length: > 0 } adminToken)
            builder.Configuration.AddInMemoryCollection([new("Hub:AdminToken", adminToken)]);
        builder.Configuration.AddInMemoryCollection(fromArguments.GroupBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase).Select(same => same.Last()));
        RefuseUnknown(fromArguments.Select(setting => setting.Key));
        return builder;
    }

    /// <summary>The same as the framework's message, with the full key instead of the record's name.</summary>
    public static string Explain(OptionsValidationException wrong)
    {
        string section = SectionOf(wrong.OptionsType) ?? wrong.OptionsType.Name;
        return string.Join(" ", wrong.Failures.Select(failure =>
        {
            // "DataAnnotation validation failed for 'XOptions' members: 'Key' with the error: 'sentence'."
            string[] quoted = failure.Split('\'', 5);
            return quoted is [_, _, _, string member, string rest] && rest.StartsWith(" with the error: '", StringComparison.Ordinal)
                ? $"The setting {section}:{member} is wrong: {rest[" with the error: '".Length..].TrimEnd('.').TrimEnd('\'')}"
                : $"A setting in {section} is wrong: {failure}";
        }));
    }

    /// <summary>A key of ours that no options record has is a typing mistake; sections nobody here owns belong to the framework.</summary>
    internal static void RefuseUnknown(IEnumerable<string> keys)
    {
        List<(string Section, Type Type)> known = [.. typeof(HubSettings).Assembly.GetTypes().Concat(typeof(Spawner.ISpawner).Assembly.GetTypes())
            .Where(type => SectionOf(type) is not null)
            .Select(type => (SectionOf(type)!, type))];
        foreach (string key in keys)
        {
            if (!key.Contains(':', StringComparison.Ordinal) || FrameworkSections.Contains(key.Split(':')[0]))
                continue;
            List<(string Section, Type Type)> owners = [.. known.Where(one => key.StartsWith(one.Section + ":", StringComparison.OrdinalIgnoreCase))];
            if (owners.Count == 0)
                throw new HubSettingsException($"There is no setting {key}: no section is called {key.Split(':')[0]}. See docs/reference/configuration.md.");
            if (!owners.Any(owner => Has(owner.Type, key[(owner.Section.Length + 1)..].Split(':')[0])))
                throw new HubSettingsException($"There is no setting {key}: the section {owners[0].Section} has no such key. See docs/reference/configuration.md.");
        }
    }

    private static bool Has(Type options, string key) =>
        options.GetProperty(key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) is not null;

    private static readonly HashSet<string> FrameworkSections = new(StringComparer.OrdinalIgnoreCase) { "Logging", "Kestrel" };

    private static string? SectionOf(Type type) =>
        type.Name.EndsWith("Options", StringComparison.Ordinal)
            ? type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
            : null;
}
