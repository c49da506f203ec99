namespace Spawner.Docker;

/// <summary>The engine refused a call, or did not answer it.</summary>
/// <param name="status">HTTP status of the answer; 0 when there was none that could be understood.</param>
internal sealed class EngineException(int status, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Status { get; } = status;

    /// <summary>No answer, an answer that is no Docker engine's, or one that says "later": the kernel's fate is unknown.</summary>
    public bool IsUnavailable => Status is 0 or 429 or 502 or 503 or 504;

    public bool IsNotFound => Status == 404;
}
