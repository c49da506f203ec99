namespace Spawner;

/// <summary>Everything a spawner needs to start one kernel. It holds no secret but the key.</summary>
public sealed record SpawnRequest
{
    /// <summary>What is to be started; wherever else it says kernel, a terminal is meant, too.</summary>
    public SpawnPurpose Purpose { get; init; }

    /// <summary>The kernel's id: a UUID, chosen by the hub, unique for ever.</summary>
    public required string KernelId { get; init; }

    /// <summary>Name of the user who owns the kernel.</summary>
    public required string UserName { get; init; }

    /// <summary>Name of the kernelspec, for labels and messages.</summary>
    public required string KernelSpecName { get; init; }

    /// <summary>argv of the kernelspec; <c>{connection_file}</c>, <c>{connection_dir}</c> and <c>{resource_dir}</c> are replaced by the spawner.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Small files put beside the connection file (<c>{connection_dir}</c>), by name.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>What <c>{resource_dir}</c> in the command stands for, as the kernel sees it.</summary>
    public string? ResourceDirectory { get; init; }

    /// <summary>Variables set for the kernel beside those the spawner sets (HOME, USER, LANG, …).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The user's home on the machine of the spawner; mounted (or used) as the kernel's home.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>Where the kernel starts, relative to the home, with <c>/</c>; empty is the home itself.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>uid and gid of the kernel; null keeps the hub's own (an unprivileged hub).</summary>
    public int? UserId { get; init; }

    /// <summary>gid of the kernel; null keeps the hub's own.</summary>
    public int? GroupId { get; init; }

    /// <summary>HMAC key for the connection file.</summary>
    public required string Key { get; init; }

    /// <summary>Container image; ignored by the process spawner.</summary>
    public string? Image { get; init; }

    /// <summary>Directories of the machine the kernel sees beside its home; containers only, the process spawner refuses them.</summary>
    public IReadOnlyList<KernelMount> Mounts { get; init; } = [];

    /// <summary>Network of the engine the kernel is on, or <see cref="IInternetNetwork.Word"/>; null as the spawner's options say. Ignored by the process spawner.</summary>
    public string? Network { get; init; }

    /// <summary>How many GPUs, <c>all</c>, or null for none; containers only, the process spawner refuses it.</summary>
    public string? Gpus { get; init; }

    public InterruptMode InterruptMode { get; init; }

    public ResourceLimits Limits { get; init; } = new();

    /// <summary>Free labels kept with the kernel and given back by <see cref="ISpawner.ListAsync"/> (session path, display name …).</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
