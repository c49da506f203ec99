namespace Hub.Auth.OpenIdConnect;

/// <summary>One provider as it was set up: the settings with what follows from them.</summary>
/// <param name="Name">Of its section: part of its addresses.</param>
/// <param name="Icon">A <c>data:</c> address; null draws none.</param>
public sealed record OpenIdProvider(string Name, OpenIdProviderOptions Options, string? Icon)
{
    public string DisplayName => Options.DisplayName.Length > 0 ? Options.DisplayName : Name;

    /// <summary>Where signing in begins.</summary>
    public string StartPath => PathOf(Name);

    public string CallbackPath => Options.CallbackPath.Length > 0 ? Options.CallbackPath : PathOf(Name) + "/callback";

    public string SignedOutCallbackPath => Options.SignedOutCallbackPath.Length > 0 ? Options.SignedOutCallbackPath : PathOf(Name) + "/signed-out";

    /// <summary>What is asked for, separated by spaces.</summary>
    public string Scope => string.Join(' ', (Options.Scope.Count > 0 ? Options.Scope : ["profile", "email"]).Prepend("openid").Distinct());

    public Uri MetadataAddress => new(Options.MetadataAddress.Length > 0 ? Options.MetadataAddress : Options.Authority.TrimEnd('/') + "/.well-known/openid-configuration");

    private static string PathOf(string name) => "/hub/openid/" + name;
}
