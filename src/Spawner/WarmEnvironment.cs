namespace Spawner;

/// <summary>An environment for which kernels are to be kept ready.</summary>
/// <param name="Template">A request for one of its kernels, by nobody in particular: id, user, home and key are not read.</param>
/// <param name="Count">How many are to be ready; 0 keeps none.</param>
public sealed record WarmEnvironment(SpawnRequest Template, int Count);
