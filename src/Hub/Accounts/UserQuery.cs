namespace Hub.Accounts;

/// <summary>Which users to list, in which order, from where.</summary>
public sealed record UserQuery
{
    /// <summary>Only these and the members of <see cref="AmongGroups"/>; null for everybody. Normalised names.</summary>
    public IReadOnlyCollection<string>? Among { get; init; }

    /// <summary>Means something where <see cref="Among"/> is not null.</summary>
    public IReadOnlyCollection<string> AmongGroups { get; init; } = [];

    /// <summary>And of those only these; null for all. Normalised names.</summary>
    public IReadOnlyCollection<string>? Only { get; init; }

    /// <summary>None of these.</summary>
    public IReadOnlyCollection<string> Except { get; init; } = [];

    /// <summary>Part of the name, compared without case; null for all.</summary>
    public string? NamePart { get; init; }

    /// <summary>Only administrators, or only others; null for both.</summary>
    public bool? Admin { get; init; }

    /// <summary>Only those who cannot sign in, or only others; null for both.</summary>
    public bool? Disabled { get; init; }

    public UserOrder Order { get; init; }

    public bool Descending { get; init; }

    public int Offset { get; init; }

    public int Limit { get; init; } = 50;
}
