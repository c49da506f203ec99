namespace Hub.Auth.OpenIdConnect;

/// <summary>Whether somebody whom a provider vouches for may come in.</summary>
public enum Admission
{
    Allowed,

    /// <summary>A rule keeps them out, or rules let others in.</summary>
    Denied,

    /// <summary>No rule lets anybody in: who has an account already may come, nobody new.</summary>
    OnlyKnown,
}
