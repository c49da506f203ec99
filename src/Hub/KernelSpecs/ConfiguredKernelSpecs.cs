using System.Text.Json.Nodes;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>Makes kernelspecs of <c>Kernels:Specs</c>, for kernels in containers.</summary>
internal static class ConfiguredKernelSpecs
{
    /// <summary>The commands of kernels whose language says which it is.</summary>
    private static readonly Dictionary<string, string[]> s_commands = new(StringComparer.OrdinalIgnoreCase)
    {
        ["python"] = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        ["R"] = ["R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"],
    };

    /// <summary>The environment the hub brings along, used when the settings name none at all.</summary>
    private static readonly KernelSpecOptions Fallback = new() { DisplayName = "Python 3", Image = "notebook-hub/python" };

    public static IReadOnlyList<KernelSpec> Read(KernelSpecsOptions options) =>
        [.. (options.Specs.Count == 0 ? new Dictionary<string, KernelSpecOptions> { ["python3"] = Fallback } : options.Specs)
            .Where(entry => entry.Value.Enabled)
            .Select(entry => Make(entry.Key.ToLowerInvariant(), entry.Value))
            .OrderBy(spec => spec.Name, StringComparer.Ordinal)];

    /// <summary>What is wrong with an entry, in a sentence that names its key; null when it is fine.</summary>
    public static string? Problem(string name, KernelSpecOptions entry) => Problem("Kernels:Specs:" + name, name, entry, containers: true);

    /// <summary>As <see cref="Problem(string, KernelSpecOptions)"/>, for an environment of the panel too.</summary>
    /// <param name="key">Begins the sentence.</param>
    /// <param name="containers">Kernels run in containers; local processes need no image.</param>
    public static string? Problem(string key, string name, KernelSpecOptions entry, bool containers)
    {
        if (!KernelSpecName.IsValid(name))
            return $"{key}: a name may only hold letters, digits, '.', '-' and '_'.";
        if (!entry.Enabled)
            return null;
        if (containers && entry.Image.Length == 0)
            return $"{key}:Image is missing.";
        if (entry.Argv.Count > 0 && !entry.Argv.Any(word => word.Contains("{connection_file}", StringComparison.Ordinal)))
            return $"{key}:Argv does not hold {{connection_file}}.";
        if (entry.Argv.Count == 0 && !s_commands.ContainsKey(entry.Language))
            return $"{key}:Argv is missing; only {string.Join(" and ", s_commands.Keys)} have a command by themselves.";
        return EnvironmentPolicy.Problem(key, entry, containers);
    }

    public static IReadOnlyList<KernelMount> MountsOf(KernelSpecOptions entry) => [.. entry.Mounts.Select(mount => new KernelMount(mount.Source, mount.Target, mount.ReadOnly))];

    /// <summary>The kernelspec an entry stands for; the entry has no <see cref="Problem(string, KernelSpecOptions)"/>.</summary>
    public static KernelSpec Make(string name, KernelSpecOptions entry) => new()
    {
        Name = name,
        DisplayName = entry.DisplayName.Length > 0 ? entry.DisplayName : name,
        Language = entry.Language,
        Argv = entry.Argv.Count > 0 ? entry.Argv : s_commands[entry.Language],
        Environment = entry.Environment,
        InterruptMode = entry.InterruptMode,
        Metadata = MetadataOf(entry),
        Image = OrNull(entry.Image),
        Pinned = OrNull(entry.PinnedDigest),
        Groups = entry.Groups,
        Mounts = MountsOf(entry),
        Network = OrNull(entry.Network),
        Gpus = OrNull(entry.Gpus),
        Limits = new ResourceLimits(
            entry.MemoryBytes, entry.Cpus, entry.Processes, entry.OpenFiles, entry.SharedMemoryBytes, entry.TemporaryBytes),
        IdleAfter = entry.IdleAfter,
        LongestRun = entry.LongestRun,
        Pool = entry.Pool,
        ResourceDirectory = entry.Resources.Length > 0 ? entry.Resources : LogosFor(entry.Language),
    };

    /// <summary>ipykernel's debugger is announced where ipykernel is what runs, so that the button is there before the kernel answers.</summary>
    private static JsonObject MetadataOf(KernelSpecOptions entry)
    {
        JsonObject metadata = [];
        if (entry.Argv.Count == 0 && entry.Language.Equals("python", StringComparison.OrdinalIgnoreCase))
            metadata["debugger"] = true;
        foreach ((string key, string value) in entry.Metadata)
            metadata[key] = bool.TryParse(value, out bool flag) ? flag : value;
        return metadata;
    }

    private static string? OrNull(string written) => written.Length > 0 ? written : null;

    private static string LogosFor(string language)
    {
        string all = Path.Combine(AppContext.BaseDirectory, "KernelSpecs", "Logos");
        string own = Path.Combine(all, language.ToLowerInvariant() switch { "c++" => "cpp", var name when KernelSpecName.IsValid(name) => name, _ => "other" });
        return Directory.Exists(own) ? own : Path.Combine(all, "other");
    }
}
