namespace Hub.Classes;

/// <summary>People who meet to work with notebooks, for a time, with the same environment and materials.</summary>
/// <param name="Id">Never given twice.</param>
/// <param name="Folder">What the class' folder in a home is called if that is free; made from the name once, so that a later name moves no files.</param>
public sealed record Class(long Id, string Name, string Folder)
{
    /// <summary>Name of the kernelspec a member's notebooks start with; empty is the hub's default.</summary>
    public string Environment { get; init; } = "";

    public ClassLimits Limits { get; init; } = new();

    /// <summary>Kernels that are made ahead for its opening; 0 is none.</summary>
    public int ReadyKernels { get; init; }

    /// <summary>What a member's home may hold at least, in bytes, until the class is ended; 0 leaves it.</summary>
    public long HomeQuotaBytes { get; init; }

    /// <summary>People may join and the limits hold from here on; null is at once.</summary>
    public DateTimeOffset? Opens { get; init; }

    /// <summary>Nobody joins any more, and some time later guests are removed; null is until it is ended by hand.</summary>
    public DateTimeOffset? Closes { get; init; }

    /// <summary>Students at most.</summary>
    public int Capacity { get; init; }

    /// <summary>People without an account may join as temporary guests.</summary>
    public bool Guests { get; init; }

    /// <summary>The user in whose home the materials lie; empty is the class' own directory in the hub's data.</summary>
    public string MaterialsUser { get; init; } = "";

    /// <summary>Path of the materials in that home.</summary>
    public string MaterialsPath { get; init; } = "";

    public ClassCode Code { get; init; } = new();

    public DateTimeOffset Created { get; init; }

    /// <summary>When it was ended: the archive is written and the guests are gone.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Names of those who teach it.</summary>
    public IReadOnlyList<string> Teachers { get; init; } = [];

    /// <summary>The group its teachers reach their students by; null when it is over.</summary>
    public string? Group { get; init; }

    /// <summary>How many students it has.</summary>
    public int Students { get; init; }

    /// <summary>It has opened, has not closed and was not ended.</summary>
    public bool IsRunning(DateTimeOffset now) => Ended is null && !(now < Opens) && !(now >= Closes);
}
