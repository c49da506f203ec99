using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>What is wrong with an environment as it is written, without looking at the machine (pure). Each sentence begins with the key.</summary>
internal static partial class EnvironmentPolicy
{
    private const int MaxMounts = 32;

    /// <summary>Words that mean a network of the machine's own, or none of its own, to the engine.</summary>
    private static readonly string[] s_refusedNetworks = ["host", "container"];

    /// <param name="key">Begins every sentence, such as <c>Kernels:Specs:python3</c>.</param>
    /// <param name="containers">Kernels run in containers; local processes need no image and can be given less.</param>
    /// <returns>Null when nothing is.</returns>
    public static string? Problem(string key, KernelSpecOptions entry, bool containers)
    {
        List<ValidationResult> outside = [];
        if (!Validator.TryValidateObject(entry, new ValidationContext(entry), outside, validateAllProperties: true))
            return $"{key}:{outside[0].MemberNames.FirstOrDefault()}: {outside[0].ErrorMessage}";
        return ImageProblem(key, entry) ?? NetworkProblem(key, entry.Network) ?? MountsProblem(key, entry) ?? (containers ? null : ProcessProblem(key, entry));
    }

    /// <summary>What local processes cannot be given; only asked where somebody makes an environment for them.</summary>
    private static string? ProcessProblem(string key, KernelSpecOptions entry)
    {
        (string Name, bool Given)[] containersOnly =
        [
            (nameof(entry.Image), entry.Image.Length > 0), (nameof(entry.PinnedDigest), entry.PinnedDigest.Length > 0), (nameof(entry.Mounts), entry.Mounts.Count > 0),
            (nameof(entry.Network), entry.Network.Length > 0), (nameof(entry.Gpus), entry.Gpus.Length > 0), (nameof(entry.MemoryBytes), entry.MemoryBytes is not null),
            (nameof(entry.Cpus), entry.Cpus is not null), (nameof(entry.SharedMemoryBytes), entry.SharedMemoryBytes is not null), (nameof(entry.TemporaryBytes), entry.TemporaryBytes is not null),
            (nameof(entry.Pool), entry.Pool > 0),
        ];
        return containersOnly.FirstOrDefault(one => one.Given).Name is { } name ? $"{key}:{name} needs kernels in containers; this hub runs them as local processes." : null;
    }

    private static string? ImageProblem(string key, KernelSpecOptions entry)
    {
        if (entry.Image.Length > 0 && (!ImageName().IsMatch(entry.Image) || entry.Image.Contains("..", StringComparison.Ordinal) || entry.Image.Contains("//", StringComparison.Ordinal)))
            return $"{key}:Image: \"{entry.Image}\" is no name of an image, such as registry.example.org/course:2026 or name@sha256:….";
        return entry.PinnedDigest.Length > 0 && !Digest().IsMatch(entry.PinnedDigest) ? $"{key}:PinnedDigest is not sha256: and 64 digits." : null;
    }

    private static string? NetworkProblem(string key, string network)
    {
        if (network.Length == 0 || network is "none" or IInternetNetwork.Word)
            return null;
        if (s_refusedNetworks.Contains(network.Split(':')[0], StringComparer.OrdinalIgnoreCase))
            return $"{key}:Network: \"{network}\" would give kernels the network of the machine or of another container. Write none, internet, or the name of a network the engine has.";
        return NetworkName().IsMatch(network) ? null : $"{key}:Network: \"{network}\" is no name of a network.";
    }

    private static string? MountsProblem(string key, KernelSpecOptions entry)
    {
        if (entry.Mounts.Count > MaxMounts)
            return $"{key}:Mounts: {entry.Mounts.Count} are more than {MaxMounts}.";
        for (int index = 0; index < entry.Mounts.Count; index++)
        {
            MountOptions mount = entry.Mounts[index];
            if (KernelMountPolicy.Problem(new KernelMount(mount.Source, mount.Target, mount.ReadOnly)) is { } problem)
                return string.Create(CultureInfo.InvariantCulture, $"{key}:Mounts:{index}: {problem}.");
            if (entry.Mounts.Take(index).Any(before => before.Target == mount.Target))
                return string.Create(CultureInfo.InvariantCulture, $"{key}:Mounts:{index}: another mount has the target \"{mount.Target}\".");
        }
        return null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/:-]{0,199}(@sha256:[0-9a-f]{64})?\z")]
    private static partial Regex ImageName();

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z")]
    private static partial Regex Digest();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex NetworkName();
}
