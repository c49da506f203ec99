namespace Spawner;

/// <summary>A kernel could not be started: which cause, one text for the user, one for the operator.</summary>
public sealed class SpawnException(SpawnFailure failure, string userMessage, string operatorMessage, Exception? inner = null)
    : Exception(operatorMessage, inner)
{
    public SpawnFailure Failure { get; } = failure;

    /// <summary>What happened and what to try, for the person waiting; names no path of the machine.</summary>
    public string UserMessage { get; } = userMessage;

    /// <summary>The last lines the kernel wrote before it ended, bounded; empty when there are none. Never logged by the hub.</summary>
    public string LogTail { get; init; } = "";
}
