namespace Spawner;

/// <summary>A directory of the machine that a kernel sees, such as the data of a course.</summary>
/// <param name="Source">Absolute path on the machine of the engine; it must exist.</param>
/// <param name="Target">Absolute path inside the container.</param>
/// <param name="ReadOnly">False lets the kernel write, as the user it runs as.</param>
public sealed record KernelMount(string Source, string Target, bool ReadOnly = true);
