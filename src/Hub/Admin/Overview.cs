namespace Hub.Admin;

/// <summary>The hub at a glance.</summary>
/// <param name="SignedIn">People with a sign-in that has not ended.</param>
/// <param name="Servers">Started servers.</param>
/// <param name="Kernels">How many are in each state.</param>
/// <param name="Tabs">WebSockets open to kernels.</param>
/// <param name="HubMemory">Resident memory of the hub in bytes.</param>
/// <param name="HubCpu">Of the hub, in hundredths of one processor.</param>
/// <param name="KernelMemory">Of all kernels the spawner can tell about, in bytes; null when it can tell about none.</param>
/// <param name="KernelCpu">As above, in hundredths of one processor.</param>
/// <param name="Measured">How many kernels the two sums are of.</param>
/// <param name="Starts">Kernels that became ready in each of the last minutes, the present one last.</param>
/// <param name="Waiting">Starts that wait for their turn.</param>
/// <param name="WaitSeconds">About how long a start that was asked for now would wait; null when none waits, or nothing is known yet.</param>
/// <param name="IsFull">Starts wait for memory of the machine to be free.</param>
/// <param name="FreeMemory">Memory of the machine that is free, in bytes; null where the system does not say.</param>
/// <param name="Failures">The last, newest first.</param>
/// <param name="Spawner">What starts kernels here.</param>
public sealed record Overview(
    DateTimeOffset At,
    DateTimeOffset Since,
    long SignedIn,
    long Users,
    int Servers,
    IReadOnlyDictionary<string, int> Kernels,
    int Tabs,
    long HubMemory,
    int HubCpu,
    long? KernelMemory,
    int? KernelCpu,
    int Measured,
    IReadOnlyList<int> Starts,
    int Waiting,
    int? WaitSeconds,
    bool IsFull,
    long? FreeMemory,
    IReadOnlyList<KernelFailure> Failures,
    string Spawner);
