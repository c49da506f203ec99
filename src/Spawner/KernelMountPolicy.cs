namespace Spawner;

/// <summary>Where in a container a directory of the machine may appear (pure): nowhere that belongs to the system, the home or the hub.</summary>
public static class KernelMountPolicy
{
    private const int MaxPathLength = 1024;

    /// <summary>Nothing may be put there, nor anywhere below.</summary>
    private static readonly string[] s_closed =
        ["/home", "/root", "/run", "/var/run", "/proc", "/sys", "/dev", "/tmp", "/etc", "/boot", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr/bin", "/usr/sbin", "/usr/lib"];

    /// <summary>Null when it may be, else what is wrong, in words that follow the name of the setting.</summary>
    public static string? Problem(KernelMount mount)
    {
        if (PathProblem(mount.Source) is { } source)
            return $"the source \"{mount.Source}\" {source}";
        if (PathProblem(mount.Target) is { } target)
            return $"the target \"{mount.Target}\" {target}";
        if (s_closed.FirstOrDefault(closed => IsWithin(mount.Target, closed)) is { } taken)
            return $"the target \"{mount.Target}\" is not allowed: {taken} belongs to the system, the home or the hub. Use for instance /srv/course";
        if (s_closed.FirstOrDefault(closed => IsWithin(closed, mount.Target)) is { } hidden)
            return $"the target \"{mount.Target}\" would hide {hidden}";
        return null;
    }

    /// <summary>Is <paramref name="path"/> the directory itself, or below it?</summary>
    public static bool IsWithin(string path, string directory) =>
        directory == "/" || path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal);

    private static string? PathProblem(string path) => path switch
    {
        "" => "is missing",
        { Length: > MaxPathLength } => $"is longer than {MaxPathLength} characters",
        _ when path[0] != '/' => "is no absolute path",
        "/" => "is the whole file system",
        _ when path.Any(char.IsControl) => "holds a control character",
        _ when path[1..].Split('/').Any(part => part is "" or "." or "..") => "is not in its plain form, without //, ., .. and a slash at the end",
        _ => null,
    };
}
