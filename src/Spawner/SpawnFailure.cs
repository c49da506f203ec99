namespace Spawner;

/// <summary>The causes of a failed start that can be told apart.</summary>
public enum SpawnFailure
{
    /// <summary>The image is not there and could not be had.</summary>
    ImageMissing,

    /// <summary>The command of the kernelspec does not exist or cannot be run.</summary>
    CommandNotFound,

    /// <summary>It ended during the start.</summary>
    ExitedEarly,

    /// <summary>The memory limit ended it during the start.</summary>
    OutOfMemory,

    /// <summary>It did not come up in time.</summary>
    Timeout,

    /// <summary>Docker (or whatever holds kernels) does not answer.</summary>
    EngineUnavailable,

    /// <summary>What was asked for cannot be given: a limit above the machine's, a bad mount.</summary>
    InvalidRequest,

    /// <summary>Nothing of the above; the operator's text says more.</summary>
    Unknown,
}
