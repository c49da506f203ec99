using System.ComponentModel;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Whom a rule means; somebody is meant by any one of these.</summary>
public sealed record AdmissionRules
{
    [Description("Everybody the provider knows. With a provider that anybody may join, that is anybody.")]
    public bool Everyone { get; init; }

    [Description("Domains of e-mail addresses, such as school.example. Only addresses the provider has verified let somebody in; unverified ones keep somebody out, too.")]
    public IReadOnlyList<string> Domains { get; init; } = [];

    [Description("Groups, as TokenValidationParameters:RoleClaimType finds them.")]
    public IReadOnlyList<string> Groups { get; init; } = [];

    [Description("Claims, as path=value: hd=school.example, or realm_access.roles=notebooks.")]
    public IReadOnlyList<string> Claims { get; init; } = [];

    /// <summary>Does the operator say anything here?</summary>
    internal bool Says => Everyone || Domains.Count > 0 || Groups.Count > 0 || Claims.Count > 0;
}
