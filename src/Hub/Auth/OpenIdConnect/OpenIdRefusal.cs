namespace Hub.Auth.OpenIdConnect;

/// <summary>Why a sign-in by a provider came to nothing; each has a page of its own.</summary>
public enum OpenIdRefusal
{
    /// <summary>The provider does not answer, or too slowly.</summary>
    ProviderAway,

    /// <summary>The provider answered something that cannot be used.</summary>
    ProviderWrong,

    /// <summary>The provider said no: the person did not agree, or may not.</summary>
    ProviderDenied,

    /// <summary>The answer belongs to no sign-in that began here, or to one that began too long ago.</summary>
    UnknownAnswer,

    /// <summary>The sign-in began in another browser, or this one keeps no cookies.</summary>
    OtherBrowser,

    /// <summary>The answer was used before.</summary>
    UsedAnswer,

    /// <summary>What the provider vouches for is not believed.</summary>
    NotBelieved,

    /// <summary>The rules of this hub keep the person out.</summary>
    NotAllowed,

    /// <summary>Nobody new is let in by this provider.</summary>
    NotKnown,

    /// <summary>The provider gives no name that could be a user name.</summary>
    NoName,

    /// <summary>Another account has the name.</summary>
    NameTaken,

    /// <summary>The account is disabled.</summary>
    Disabled,

    /// <summary>The person at the provider belongs to another account here.</summary>
    OtherAccount,

    /// <summary>To connect an account one must be signed in, by the same sign-in from beginning to end.</summary>
    SignInChanged,
}
