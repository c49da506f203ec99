namespace Spawner;

/// <summary>Where a spawner's kernels live; decides where kernelspecs come from.</summary>
public enum SpawnerKind
{
    /// <summary>Local processes; kernelspecs are found where Jupyter looks for them.</summary>
    Process,

    /// <summary>Containers; kernelspecs come from <c>Kernels:Specs</c>.</summary>
    Container,
}
