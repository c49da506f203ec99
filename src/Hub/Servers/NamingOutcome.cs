namespace Hub.Servers;

/// <summary>What came of making, changing or removing a named server.</summary>
public enum NamingOutcome
{
    Done,
    NoSuchUser,
    NoSuchServer,

    /// <summary>There is one of this name already.</summary>
    Exists,

    /// <summary>The user has as many as they may have.</summary>
    TooMany,

    /// <summary>It runs, and only one that does not can be changed.</summary>
    Active,
}
