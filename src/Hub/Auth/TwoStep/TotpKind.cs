namespace Hub.Auth.TwoStep;

/// <summary>Who signs in with a code of an app after the password.</summary>
public enum TotpKind
{
    /// <summary>Nobody: it cannot be turned on, and who has is not asked.</summary>
    Off,

    /// <summary>Who turned it on.</summary>
    Optional,

    /// <summary>Administrators; others who turned it on.</summary>
    RequiredForAdmins,

    /// <summary>Everybody with a password.</summary>
    Required,
}
