namespace Hub.KernelSpecs;

/// <summary>The files of a kernelspec that front ends may load: logos, <c>kernel.js</c> and <c>kernel.css</c>.</summary>
internal static class KernelSpecResources
{
    /// <summary>File names by the key front ends know them by (<c>logo-svg</c>, <c>logo-64x64</c>, <c>kernel.js</c>).</summary>
    public static IReadOnlyDictionary<string, string> List(KernelSpec spec)
    {
        if (spec.ResourceDirectory is null || !Directory.Exists(spec.ResourceDirectory))
            return new Dictionary<string, string>();
        SortedDictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(spec.ResourceDirectory))
        {
            string file = Path.GetFileName(path);
            if (file is "kernel.js" or "kernel.css")
                found[file] = file;
            else if (file.StartsWith("logo-", StringComparison.Ordinal) && KernelSpecName.IsValid(file))
                found[Path.GetFileNameWithoutExtension(file)] = file;
        }
        return found;
    }

    /// <summary>Full path of one of the listed files; null for anything else, so that no name can lead out of the directory.</summary>
    public static string? Find(KernelSpec spec, string file) =>
        List(spec).Values.Contains(file, StringComparer.Ordinal) ? Path.Combine(spec.ResourceDirectory!, file) : null;
}
