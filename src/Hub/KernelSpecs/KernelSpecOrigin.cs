namespace Hub.KernelSpecs;

/// <summary>Where a kernelspec comes from.</summary>
public enum KernelSpecOrigin
{
    /// <summary><c>Kernels:Specs</c>, or what comes with the hub where that is empty.</summary>
    Configuration,

    /// <summary>Jupyter installed it on this machine.</summary>
    Installed,

    /// <summary>An administrator made it in the panel.</summary>
    Panel,
}
