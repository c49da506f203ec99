namespace Hub.Accounts.Services;

/// <summary>A service as the settings have it.</summary>
public sealed record Service(string Name, ServiceOptions Options, IReadOnlyList<string> Roles)
{
    /// <summary>As an OAuth client; as JupyterHub names it.</summary>
    public string ClientId => "service-" + Name;

    /// <summary>The scope somebody needs to be let into the service.</summary>
    public string AccessScope => $"access:services!service={Name}";

    /// <summary>All the service may ask people for.</summary>
    public IReadOnlyList<string> AskableScopes => [AccessScope, .. Options.OAuthScopes];
}
