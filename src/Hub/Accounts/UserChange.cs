namespace Hub.Accounts;

/// <summary>What is to change about a user; null leaves a thing as it is.</summary>
public sealed record UserChange
{
    /// <summary>Normalised.</summary>
    public string? Name { get; init; }

    public string? DisplayName { get; init; }

    public bool? Admin { get; init; }

    public bool? Disabled { get; init; }
}
