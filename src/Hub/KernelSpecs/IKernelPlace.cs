using Spawner;

namespace Hub.KernelSpecs;

/// <summary>Says where kernels of this hub live, which decides where kernelspecs come from. Implemented by whoever chose the spawner.</summary>
public interface IKernelPlace
{
    SpawnerKind Kind { get; }
}
