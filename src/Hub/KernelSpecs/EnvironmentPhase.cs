namespace Hub.KernelSpecs;

/// <summary>How far an environment is from being usable.</summary>
public enum EnvironmentPhase
{
    /// <summary>Nobody has looked yet, or the engine does not answer.</summary>
    Unknown,

    /// <summary>Its image is being pulled or built.</summary>
    Preparing,

    /// <summary>Kernels can be started in it.</summary>
    Ready,

    /// <summary>Something is missing, and nobody is offered it.</summary>
    Broken,
}
