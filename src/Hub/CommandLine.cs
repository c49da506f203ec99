using System.Diagnostics.CodeAnalysis;

namespace Hub;

/// <summary>
/// What the arguments mean as settings: <c>--port 8000</c>, <c>--host 0.0.0.0</c>, <c>--data DIR</c>, <c>--urls …</c> and any
/// <c>Section:Key=value</c> (with or without <c>--</c> before it). A word nobody knows is an error, so that a typing mistake is not ignored.
/// </summary>
internal static class CommandLine
{
    public const string Help = """
        hub images [settings]         make the images of all kernelspecs exist, then end
        hub stop-all [settings]       end every kernel of this data directory, whether a hub runs on it or not, then end
        hub backup FILE [--no-homes] [settings]   write all the hub keeps into one archive, while it runs
        hub restore FILE [--force] [settings]     put an archive in the place of what the hub keeps
        hub audit verify [NUMBER:HASH] [settings] check that no record of the audit was changed or removed
        hub recorder --data DIR       hear kernels while no hub does (the hub starts it by itself)
        hub [--port 8000] [--host 127.0.0.1] [--data ./data] [Section:Key=value …]

          --port N            port to listen on (default 8000; 0 takes any free one)
          --host ADDRESS      address to listen on (default 127.0.0.1; 0.0.0.0 for every network)
          --data DIR          where the hub keeps everything (default ./data)
          --replace           take over from the hub that runs on this data directory; kernels run on
          --remove-kernels    kernels end with this hub (Kernels:StopOnExit); otherwise they run on without it
          --urls URLS         instead of host and port: addresses in ASP.NET Core's form, separated by ;
          Section:Key=value   any setting of docs/reference/configuration.md

        Settings also come from appsettings.json and from the environment (Hub__Section__Key=value);
        HUB_ADMIN_TOKEN is an API token of the user admin.
        """;

    private static readonly Dictionary<string, string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["port"] = "Http:Port",
        ["host"] = "Http:Host",
        ["data"] = "Hub:Data",
        ["urls"] = "urls",
        ["environment"] = "environment",
    };

    /// <summary>Words that need no value.</summary>
    private static readonly Dictionary<string, KeyValuePair<string, string?>> Flags = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--replace"] = new("Hub:Replace", "true"),
        ["--remove-kernels"] = new("Kernels:StopOnExit", "true"),
    };

    public static bool AsksForHelp(IEnumerable<string> arguments) => arguments.Any(argument => argument is "--help" or "-h");

    /// <summary>The settings the arguments make, in their order; later ones win.</summary>
    /// <exception cref="HubSettingsException">An argument is not understood.</exception>
    public static IReadOnlyList<KeyValuePair<string, string?>> Parse(IReadOnlyList<string> arguments)
    {
        List<KeyValuePair<string, string?>> settings = [];
        for (int at = 0; at < arguments.Count; at++)
        {
            string argument = arguments[at];
            if (argument == "--")
                continue; // what `dotnet run --` and `./start --` put between their arguments and ours
            if (Flags.TryGetValue(argument, out KeyValuePair<string, string?> flag))
            {
                settings.Add(flag);
                continue;
            }
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string word = equals < 0 ? argument : argument[..equals];
            if (!TryKey(word, out string? key))
                throw new HubSettingsException($"I do not know the argument '{argument}'. Try --help.");
            if (equals >= 0)
                settings.Add(new(key, argument[(equals + 1)..]));
            else if (argument.StartsWith('-') && at + 1 < arguments.Count)
                settings.Add(new(key, arguments[++at]));
            else
                throw new HubSettingsException($"The argument '{argument}' needs a value.");
        }
        return settings;
    }

    private static bool TryKey(string word, [NotNullWhen(true)] out string? key)
    {
        string bare = word.StartsWith("--", StringComparison.Ordinal) ? word[2..] : word;
        key = bare.Contains(':', StringComparison.Ordinal) ? bare : null;
        return key is not null || (bare.Length != word.Length && Known.TryGetValue(bare, out key));
    }
}
