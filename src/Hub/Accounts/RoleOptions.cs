using System.ComponentModel;

namespace Hub.Accounts;

/// <summary>One role of <c>Roles</c>: scopes under a name, and who holds them.</summary>
public sealed record RoleOptions
{
    [Description("What the role is for; shown to nobody but the operator.")]
    public string Description { get; init; } = "";

    [Description("Scopes the role is made of, with filters where wanted: `list:users`, `servers!group=physics`.")]
    public IList<string> Scopes { get; init; } = [];

    [Description("Names of users who hold the role.")]
    public IList<string> Users { get; init; } = [];

    [Description("Names of groups whose members hold the role.")]
    public IList<string> Groups { get; init; } = [];

    [Description("Names of services that hold the role.")]
    public IList<string> Services { get; init; } = [];
}
