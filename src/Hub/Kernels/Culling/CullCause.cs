namespace Hub.Kernels.Culling;

/// <summary>Why a kernel is stopped by the hub itself.</summary>
public enum CullCause
{
    /// <summary>Nothing ran in it, and nobody did anything, for too long.</summary>
    Idle,

    /// <summary>Its process ran for as long as one may.</summary>
    LongestRun,
}
