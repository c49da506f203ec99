namespace Hub.Kernels;

/// <summary>How far a cell has come; spelled in lower case on the API.</summary>
internal enum ExecutionPhase
{
    /// <summary>The kernel has not begun with it.</summary>
    Queued,

    Running,

    Done,

    /// <summary>It ended with an error.</summary>
    Error,

    /// <summary>It was not run, or its process ended under it.</summary>
    Aborted,
}
