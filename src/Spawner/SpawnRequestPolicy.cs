namespace Spawner;

/// <summary>What every spawner refuses before it touches anything.</summary>
internal static class SpawnRequestPolicy
{
    private const int MaxKernelIdLength = 64;
    private const int MaxFileName = 64;

    /// <summary>They share a quarter of a mebibyte with the sockets.</summary>
    private const int MaxFileCharacters = 32 * 1024;

    /// <summary>Null when the request can be tried, else what is wrong with it, for the operator.</summary>
    public static string? Problem(SpawnRequest request)
    {
        if (request.KernelId.Length is 0 or > MaxKernelIdLength || !request.KernelId.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            return "the kernel id must be 1 to 64 letters, digits and dashes";
        if (request.Command.Count == 0) return $"the kernelspec \"{request.KernelSpecName}\" has an empty argv";
        if (request.Command.Concat(request.Environment.Select(pair => pair.Key + pair.Value)).Append(request.WorkingDirectory).Any(text => text.Contains('\0', StringComparison.Ordinal)))
            return "argv, environment and working directory may not hold a zero byte";
        if (request.Files.Keys.FirstOrDefault(name => name == ConnectionFile.Name || name.Length is 0 or > MaxFileName || name[0] == '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')) is { } file)
            return $"the file \"{file}\" beside the connection file has an impossible name";
        if (request.Files.Sum(one => (long)one.Value.Length) > MaxFileCharacters) return $"the files beside the connection file have more than {MaxFileCharacters} characters";
        if (!Path.IsPathRooted(request.HomeDirectory)) return $"the home \"{request.HomeDirectory}\" is no absolute path";
        if (request.WorkingDirectory.StartsWith('/') || request.WorkingDirectory.Split('/').Contains(".."))
            return $"the working directory \"{request.WorkingDirectory}\" is not inside the home";
        if (request.Mounts.Select(KernelMountPolicy.Problem).OfType<string>().FirstOrDefault() is { } mount) return $"a mount of \"{request.KernelSpecName}\" is wrong: {mount}";
        if (request.Mounts.Select(one => one.Target).Distinct(StringComparer.Ordinal).Count() < request.Mounts.Count) return $"two mounts of \"{request.KernelSpecName}\" have one target";
        if (request.Gpus is { } gpus && gpus != "all" && !(gpus.Length is > 0 and <= 3 && gpus.All(char.IsAsciiDigit)))
            return $"the GPUs of \"{request.KernelSpecName}\" are neither a number nor all";
        ResourceLimits limits = request.Limits;
        if (limits.MemoryBytes is <= 0 || limits.Cpus is <= 0 || limits.Processes is <= 0 || limits.OpenFiles is <= 0 || limits.SharedMemoryBytes is <= 0 || limits.TemporaryBytes is <= 0)
            return $"the limits of \"{request.KernelSpecName}\" must be above zero or absent";
        return null;
    }

    /// <exception cref="SpawnException">The request has a problem.</exception>
    public static void Check(SpawnRequest request)
    {
        if (Problem(request) is { } problem)
        {
            throw new SpawnException(SpawnFailure.InvalidRequest,
                "The kernel cannot be started as it is set up. Tell the administrator of this hub.", $"Start refused: {problem}.");
        }
    }

    /// <summary>A variable a shell can set; others (functions of bash, names with dots) are left out.</summary>
    public static bool IsVariableName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
