namespace Hub.Servers;

/// <summary>What came of asking a server to start.</summary>
public enum StartOutcome
{
    Started,
    AlreadyRunning,

    /// <summary>It is being stopped; ask again when it has.</summary>
    Stopping,

    NoSuchUser,

    /// <summary>The user has no server of this name.</summary>
    NoSuchServer,

    /// <summary>It has a name, and named servers are switched off.</summary>
    NotAllowed,
}
