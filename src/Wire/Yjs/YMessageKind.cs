namespace Wire.Yjs;

/// <summary>What a message between two replicas is.</summary>
public enum YMessageKind
{
    /// <summary>"This is how far I know everything": to be answered with <see cref="SyncUpdate"/>.</summary>
    SyncState,

    /// <summary>"This is what you lack."</summary>
    SyncUpdate,

    /// <summary>"This has just changed."</summary>
    Update,

    /// <summary>What clients say of themselves.</summary>
    Awareness,

    /// <summary>"Access was refused", with the reason as text.</summary>
    Refusal,

    /// <summary>"Tell me what all clients say of themselves."</summary>
    AwarenessQuery,

    /// <summary>Of an application's own.</summary>
    Other,
}
