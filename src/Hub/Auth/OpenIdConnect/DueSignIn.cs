namespace Hub.Auth.OpenIdConnect;

/// <summary>A sign-in about which its provider is to be asked again.</summary>
public sealed class DueSignIn
{
    public long Number { get; init; }

    public long UserId { get; init; }

    public string UserName { get; init; } = "";

    public string Issuer { get; init; } = "";

    public string Subject { get; init; } = "";

    /// <summary>Sealed.</summary>
    public string? Tokens { get; init; }

    /// <summary>When the provider was last asked, as stored.</summary>
    public long Checked { get; init; }
}
