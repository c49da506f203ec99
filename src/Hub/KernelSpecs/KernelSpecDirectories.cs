namespace Hub.KernelSpecs;

/// <summary>Where Jupyter looks for kernelspecs on this machine, in its order: the first directory that has a name wins.</summary>
internal static class KernelSpecDirectories
{
    public static IReadOnlyList<string> Find(Func<string, string?> environment)
    {
        List<string> roots = [.. (environment("JUPYTER_PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)];
        if (environment("JUPYTER_DATA_DIR") is { Length: > 0 } data)
            roots.Add(data);
        else if (environment("HOME") is { Length: > 0 } home)
            roots.Add(Path.Combine(environment("XDG_DATA_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".local/share"), "jupyter"));
        foreach (string prefix in new[] { environment("VIRTUAL_ENV"), environment("CONDA_PREFIX"), PrefixOfPython(environment("PATH")) }.OfType<string>())
            roots.Add(Path.Combine(prefix, "share/jupyter"));
        roots.AddRange(["/usr/local/share/jupyter", "/usr/share/jupyter"]);
        return [.. roots.Where(Path.IsPathRooted).Select(root => Path.Combine(Path.GetFullPath(root), "kernels")).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Python's <c>sys.prefix</c>, guessed from where python3 lies on the path: <c>/opt/env/bin/python3</c> has <c>/opt/env</c>.</summary>
    private static string? PrefixOfPython(string? path) =>
        (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(directory => File.Exists(Path.Combine(directory, "python3")))
            .Select(directory => Path.GetDirectoryName(directory.TrimEnd('/')))
            .FirstOrDefault();
}
