namespace Wire.Jupyter;

/// <summary>What the heartbeat says of a kernel: a hint whether it responds, never whether it is dead.</summary>
public enum KernelVitality
{
    /// <summary>It echoed the last ping.</summary>
    Alive,

    /// <summary>It missed at least one ping: many kernels do so while a cell runs.</summary>
    Silent,

    /// <summary>It has echoed nothing for longer than <see cref="KernelHeartbeatOptions.LostAfter"/>; somebody should ask the spawner.</summary>
    Lost,
}
