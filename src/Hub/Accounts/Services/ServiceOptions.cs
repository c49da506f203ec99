using System.ComponentModel;

namespace Hub.Accounts.Services;

/// <summary>One service of <c>Services</c>: a program beside the hub that asks its API, and people for leave to act for them.</summary>
public sealed record ServiceOptions
{
    [Description("Where the service is, for people to find it.")]
    public string Url { get; init; } = "";

    [Description("The service's own API token, and its secret as an OAuth client; at least 16 characters.")]
    public string? ApiToken { get; init; }

    [Description("The service may do all that administrators may.")]
    public bool Admin { get; init; }

    [Description("Scopes the service holds itself, besides those of its roles.")]
    public IList<string> Scopes { get; init; } = [];

    [Description("Where browsers bring the OAuth code, exactly as the service asks: a full address, or a path on the hub's own host. Empty: no OAuth.")]
    public string OAuthRedirect { get; init; } = "";

    [Description("Scopes the service may ask people for, besides `access:services` to itself; it never gets more than the person holds.")]
    public IList<string> OAuthScopes { get; init; } = [];

    [Description("People are not asked whether the service may act for them: only for services of the hub's own operator.")]
    public bool Trusted { get; init; }

    [Description("Whether front ends show the service to people.")]
    public bool Display { get; init; } = true;
}
