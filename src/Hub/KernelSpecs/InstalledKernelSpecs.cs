namespace Hub.KernelSpecs;

/// <summary>Reads the kernelspecs below some directories; files that cannot be used are skipped and named once in the log.</summary>
internal sealed partial class InstalledKernelSpecs(Func<IReadOnlyList<string>> directories, int maxFileBytes, ILogger logger)
{
    private readonly HashSet<string> _complained = new(StringComparer.Ordinal);

    public IReadOnlyList<KernelSpec> Read()
    {
        SortedDictionary<string, KernelSpec> found = new(StringComparer.Ordinal);
        foreach (string directory in directories())
        {
            foreach (string candidate in ListDirectories(directory))
            {
                string name = Path.GetFileName(candidate).ToLowerInvariant();
                string file = Path.Combine(candidate, "kernel.json");
                if (!found.ContainsKey(name) && File.Exists(file) && TryRead(name, candidate, file) is { } spec)
                    found.Add(name, spec);
            }
        }
        return [.. found.Values];
    }

    private KernelSpec? TryRead(string name, string directory, string file)
    {
        string? problem;
        try
        {
            if (!KernelSpecName.IsValid(name))
                problem = "the name of its directory may only hold letters, digits, '.', '-' and '_'";
            else if (new FileInfo(file).Length > maxFileBytes)
                problem = $"it is longer than Kernels:MaxSpecFileBytes ({maxFileBytes} bytes)";
            else if (KernelJsonCodec.TryRead(name, directory, File.ReadAllBytes(file), out KernelSpec? spec, out problem))
                return spec;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            problem = unreadable.Message;
        }
        if (_complained.Add($"{file}\n{problem}"))
            LogSkipped(logger, file, problem);
        return null;
    }

    private static IEnumerable<string> ListDirectories(string directory)
    {
        try
        {
            return Directory.Exists(directory) ? Directory.GetDirectories(directory).Order(StringComparer.Ordinal) : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [LoggerMessage(800, LogLevel.Warning, "The kernelspec {File} is skipped: {Problem}")]
    private static partial void LogSkipped(ILogger logger, string file, string problem);
}
