namespace Spawner;

/// <summary>Why a kernel is no more.</summary>
public enum KernelExitCause
{
    /// <summary>It ended by itself, with an exit code.</summary>
    Exited,

    /// <summary>A signal ended it.</summary>
    Signalled,

    /// <summary>The memory limit ended it.</summary>
    OutOfMemory,

    /// <summary>Somebody removed the container or process from outside; nothing more is known.</summary>
    Removed,

    /// <summary>The container engine was stopped or restarted, and ended its containers with it.</summary>
    EngineStopped,

    /// <summary>It was stopped by <see cref="ISpawner.StopAsync"/>.</summary>
    Stopped,
}
