using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Accounts;

/// <summary>Section <c>Accounts</c>: limits on users and tokens.</summary>
public sealed record AccountsOptions
{
    public const string Section = "Accounts";

    [Range(1, 64)]
    [Description("Longest user name, in characters.")]
    public int MaxUserNameLength { get; init; } = 64;

    [Range(1, 1000)]
    [Description("Longest name shown on pages, in characters.")]
    public int MaxDisplayNameLength { get; init; } = 100;

    [Range(1, 10_000)]
    [Description("How many users one request may create.")]
    public int MaxUsersPerRequest { get; init; } = 1000;

    [Range(2, 1_000_000)]
    [Description("Longest properties of a group, in characters of JSON.")]
    public int MaxGroupPropertiesLength { get; init; } = 65_536;

    [Range(0, 10_000)]
    [Description("Longest note of an API token, in characters.")]
    public int MaxTokenNoteLength { get; init; } = 200;

    [Range(1, 1000)]
    [Description("How many scopes an API token may be given.")]
    public int MaxTokenScopes { get; init; } = 100;

    [Range(1, 100_000)]
    [Description("How many API tokens a user may have at a time.")]
    public int MaxTokensPerUser { get; init; } = 1000;

    [Range(0, int.MaxValue)]
    [Description("Longest life of an API token in seconds; 0 means that tokens may live for ever.")]
    public int MaxTokenLifetimeSeconds { get; init; }

    [Range(1, 86_400)]
    [Description("Seconds between two notes of a user's or token's last activity in the database.")]
    public int ActivityResolutionSeconds { get; init; } = 60;
}
