using System.ComponentModel;

namespace Hub.Auth.OpenIdConnect;

/// <summary>What is asked of a provider's tokens; named as Microsoft names it.</summary>
public sealed record OpenIdTokenOptions
{
    [Description("How far the provider's clock and ours may be apart, 00:00:00 to 00:10:00.")]
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    [Description("Claim that becomes the user name of somebody new: preferred_username, email, a nested one such as profile.login.")]
    public string NameClaimType { get; init; } = "preferred_username";

    [Description("Claim that lists somebody's groups: groups, realm_access.roles.")]
    public string RoleClaimType { get; init; } = "groups";

    [Description("Signature algorithms that are taken, of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512; empty takes all of these.")]
    public IReadOnlyList<string> ValidAlgorithms { get; init; } = [];
}
