namespace Hub.Servers;

/// <summary>What came of asking a server to start.</summary>
public enum StartOutcome
{
    Started,
    AlreadyRunning,

    /// <summary>It is being stopped; ask again when it has.</summary>
    Stopping,

    NoSuchUser,
}
