namespace Hub.Contents;

/// <summary>Why something could not be done with contents; each is one status code of the API.</summary>
public enum ContentFailure
{
    /// <summary>400: the request cannot mean anything.</summary>
    BadRequest,

    /// <summary>403: the operating system does not let this user.</summary>
    Forbidden,

    /// <summary>404: not there, hidden, or beyond the home.</summary>
    NotFound,

    /// <summary>409: the name is taken.</summary>
    Exists,

    /// <summary>409: what is there is not what the request is based on.</summary>
    Conflict,

    /// <summary>412: a condition in the request's headers is not met.</summary>
    Changed,

    /// <summary>413: longer than an option allows.</summary>
    TooLarge,

    /// <summary>503: the hub has too much to do.</summary>
    Busy,

    /// <summary>507: disk or quota is full; nothing was changed.</summary>
    NoSpace,

    /// <summary>500: the disk failed.</summary>
    Broken,
}
