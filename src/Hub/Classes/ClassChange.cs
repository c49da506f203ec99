namespace Hub.Classes;

/// <summary>What a class is to be made or changed to, already understood; for a change, null leaves a thing as it is.</summary>
public sealed record ClassChange
{
    public string? Name { get; init; }

    public string? Environment { get; init; }

    public ClassLimits? Limits { get; init; }

    /// <summary>Kernels to be ready when the class opens; null leaves it.</summary>
    public int? ReadyKernels { get; init; }

    /// <summary>Bytes a member's home may hold at least; 0 says nothing of it, null leaves it.</summary>
    public long? HomeQuotaBytes { get; init; }

    /// <summary>Set where <see cref="ChangesOpens"/>; null then means at once.</summary>
    public DateTimeOffset? Opens { get; init; }

    public bool ChangesOpens { get; init; }

    public DateTimeOffset? Closes { get; init; }

    public bool ChangesCloses { get; init; }

    public int? Capacity { get; init; }

    public bool? Guests { get; init; }

    public string? MaterialsUser { get; init; }

    public string? MaterialsPath { get; init; }
}
