using Hub.Storage;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>Looks at the machine for directories that kernels are to see: they must exist, and give away nothing that is the hub's.</summary>
internal sealed class MountSources(DataLayout data)
{
    private const int MostLinks = 64;

    /// <summary>Never a source, nor is anything below: devices, the kernel's own file systems, and where sockets of services lie.</summary>
    private static readonly string[] s_closed = ["/proc", "/sys", "/dev", "/run", "/var/run"];

    /// <param name="key">Begins the sentence, such as <c>Kernels:Specs:python3</c>.</param>
    /// <param name="roots">Directories it must be in; null where it may be anywhere.</param>
    /// <returns>What is wrong, in a sentence; null when nothing is.</returns>
    public string? Problem(string key, IReadOnlyList<KernelMount> mounts, IReadOnlyList<string>? roots) => mounts
        .Select((mount, index) => Problem(mount, roots) is { } problem ? FormattableString.Invariant($"{key}:Mounts:{index}: {problem}") : null)
        .OfType<string>().FirstOrDefault();

    private string? Problem(KernelMount mount, IReadOnlyList<string>? roots)
    {
        if (!Directory.Exists(mount.Source))
            return $"the directory \"{mount.Source}\" does not exist on this machine. Make it, or correct the path.";
        // Where links lead is what counts: the engine follows them, too.
        string real = RealPath(mount.Source);
        string own = RealPath(data.Root);
        if (KernelMountPolicy.IsWithin(real, own) || KernelMountPolicy.IsWithin(own, real))
            return $"\"{mount.Source}\" holds data of the hub or lies in it, which kernels must not see.";
        if (s_closed.FirstOrDefault(closed => KernelMountPolicy.IsWithin(real, closed) || KernelMountPolicy.IsWithin(closed, real)) is { } closed)
            return $"\"{mount.Source}\" is not allowed, since {closed} belongs to the machine.";
        if (roots is not null && !mount.ReadOnly)
            return "environments made in the panel may mount for reading only.";
        if (roots is not null && !roots.Any(root => Directory.Exists(root) && KernelMountPolicy.IsWithin(real, RealPath(root))))
            return $"\"{mount.Source}\" is in none of the directories environments made in the panel may mount (Kernels:PanelMountRoots).";
        return null;
    }

    /// <summary>The path without links. A link that leads nowhere, or in a circle, stays as it is.</summary>
    internal static string RealPath(string path)
    {
        string full = Path.GetFullPath(path).TrimEnd('/');
        string real = "/";
        Queue<string> left = new(full.Split('/', StringSplitOptions.RemoveEmptyEntries));
        for (int links = 0; left.TryDequeue(out string? part);)
        {
            string next = Path.Combine(real, part);
            if (links < MostLinks && new DirectoryInfo(next).LinkTarget is { } target)
            {
                links++;
                string[] rest = [.. Path.GetFullPath(Path.Combine(real, target)).Split('/', StringSplitOptions.RemoveEmptyEntries), .. left];
                (real, left) = ("/", new Queue<string>(rest));
            }
            else
            {
                real = next;
            }
        }
        return real;
    }
}
