namespace Wire.Zmtp;

/// <summary>What a ROUTER does when a second peer announces an identity that is in use.</summary>
public enum DuplicateIdentityPolicy
{
    /// <summary>The new connection takes the identity and the old one is closed: right for peers that reconnect.</summary>
    HandOver,

    /// <summary>The new connection is closed; the old one stays.</summary>
    Refuse,
}
