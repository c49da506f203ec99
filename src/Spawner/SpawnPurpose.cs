namespace Spawner;

/// <summary>What is started. To a spawner they differ in the sockets that must exist before it counts as started, and in a label.</summary>
public enum SpawnPurpose
{
    /// <summary>A Jupyter kernel: five sockets.</summary>
    Kernel,

    /// <summary>What holds a terminal (<see cref="Terminals.TerminalProgram"/>): one socket, where a kernel's shell channel would be.</summary>
    Terminal,
}
