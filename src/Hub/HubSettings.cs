using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Options;

namespace Hub;

/// <summary>
/// Where settings come from, later ones winning: <c>appsettings.json</c> beside the program and in the working directory; the environment as
/// <c>Section__Key</c> or <c>Hub__Section__Key</c>, and <c>HUB_ADMIN_TOKEN</c>; the command line.
/// </summary>
internal static class HubSettings
{
    private const string EnvironmentPrefix = "Hub__";
    private const string InEnvironment = "the environment";

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
        RefuseUnknown(builder.Configuration, fromArguments.Select(setting => setting.Key));
        return builder;
    }

    /// <summary>The same as the framework's message, with the full key instead of the record's name.</summary>
    public static string Explain(OptionsValidationException wrong)
    {
        string section = KnownSettings.SectionOf(wrong.OptionsType) ?? wrong.OptionsType.Name;
        return string.Join(" ", wrong.Failures.Select(failure =>
        {
            // "DataAnnotation validation failed for 'XOptions' members: 'Key' with the error: 'sentence'."
            string[] quoted = failure.Split('\'', 5);
            return quoted is [_, _, _, string member, string rest] && rest.StartsWith(" with the error: '", StringComparison.Ordinal)
                ? $"The setting {section}:{member} is wrong: {rest[" with the error: '".Length..].TrimEnd('.').TrimEnd('\'')}"
                : $"A setting in {section} is wrong: {failure}";
        }));
    }

    /// <summary>
    /// A key of ours that no options record has is a typing mistake, wherever it stands. In the environment and in files other programs may keep sections of
    /// their own; those are let be, unless they look like one of ours.
    /// </summary>
    /// <exception cref="HubSettingsException">Names the key, where it stands, and the nearest known one.</exception>
    internal static void RefuseUnknown(IConfigurationRoot configuration, IEnumerable<string> fromArguments)
    {
        KnownSettings known = KnownSettings.OfThisProgram;
        foreach (string key in fromArguments)
        {
            if (known.Problem(key) is { } problem)
                throw new HubSettingsException(problem);
        }
        foreach ((string key, string place) in configuration.Providers.SelectMany(provider => KeysOf(provider, null).Select(key => (key, PlaceOf(provider)))))
        {
            string section = key.Split(':')[0];
            // HUB__HTTP__PORT is the hub's Http:Port, and comes without the prefix, too.
            string meant = place == InEnvironment && section.Equals("Hub", StringComparison.OrdinalIgnoreCase) && key.Count(letter => letter == ':') > 1 ? key[4..] : key;
            bool isPrefixed = meant.Length < key.Length;
            if (place.Length > 0 && (isPrefixed || known.IsOurs(section) || (place != InEnvironment && known.IsNearlyOurs(section))) && known.Problem(meant) is { } problem)
                throw new HubSettingsException($"{problem} It stands in {place}.");
        }
    }

    private static string PlaceOf(IConfigurationProvider provider) => provider switch
    {
        EnvironmentVariablesConfigurationProvider => InEnvironment,
        FileConfigurationProvider file => file.Source.Path ?? "a file",
        _ => "",
    };

    private static IEnumerable<string> KeysOf(IConfigurationProvider provider, string? parent)
    {
        foreach (string child in provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            string key = parent is null ? child : $"{parent}:{child}";
            if (provider.TryGet(key, out _))
                yield return key;
            foreach (string below in KeysOf(provider, key))
                yield return below;
        }
    }
}
