namespace Hub.Kernels;

/// <summary>Where a kernel is in its life, as the hub knows it; what the API shows is <see cref="KernelState.ExecutionState"/>.</summary>
public enum KernelPhase
{
    /// <summary>First start: nothing has answered yet; requests of tabs are held.</summary>
    Starting,

    /// <summary>A new process takes the place of the old one under the same id; requests of tabs are held.</summary>
    Restarting,

    /// <summary>It answered.</summary>
    Running,

    /// <summary>It ended without being asked to, or could not be started; a restart brings it back.</summary>
    Dead,
}
