namespace Hub.Terminals;

/// <summary>Why a terminal is no more.</summary>
public enum TerminalEnd
{
    /// <summary>Its shell ended: somebody left it, or it was killed.</summary>
    Exited,

    /// <summary>It needed more memory than it may have.</summary>
    OutOfMemory,

    /// <summary>Its container or process was ended from outside.</summary>
    Lost,

    /// <summary>Somebody asked for its end.</summary>
    Deleted,

    /// <summary>Nobody used it for <c>Terminals:CullAfter</c>.</summary>
    Idle,

    /// <summary>Its user's home held more than it may.</summary>
    HomeFull,

    /// <summary>Its user's server was stopped, or everything was.</summary>
    ServerStopped,
}
