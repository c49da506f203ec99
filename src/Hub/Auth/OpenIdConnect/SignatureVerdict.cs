namespace Hub.Auth.OpenIdConnect;

/// <summary>What became of checking a signature.</summary>
public enum SignatureVerdict
{
    /// <summary>Signed by a key of the provider.</summary>
    Good,

    /// <summary>The key is not among those known; the provider may have a new one.</summary>
    UnknownKey,

    /// <summary>The algorithm is not allowed, does not fit the key, or the signature is false.</summary>
    Bad,
}
