namespace Hub.Servers;

/// <summary>Where a server is in its life. There is no "starting": nothing has to come up.</summary>
public enum ServerPhase
{
    Stopped,
    Running,

    /// <summary>Its kernels are being ended; nothing new may start.</summary>
    Stopping,
}
