using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Hub.Http;

namespace Hub.Kernels;

/// <summary>An execution on the API (ours). <c>outputs</c> are those of a notebook file; <c>truncated</c> says that some were left out.</summary>
public sealed record ExecutionModel(
    string MsgId,
    string User,
    string ClientId,
    string? CellId,
    string State,
    string CodeSha256,
    string Asked,
    string? Started,
    string? Ended,
    int? ExecutionCount,
    long Seq,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonArray? Outputs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Truncated)
{
    internal static ExecutionModel Of(Execution execution, JsonArray? outputs = null, bool truncated = false) => new(
        execution.Id, execution.UserName, execution.ClientId, execution.CellId, StateOf(execution.Phase), execution.CodeHash,
        ApiTime.Format(execution.Asked), execution.Started is { } started ? ApiTime.Format(started) : null, execution.Ended is { } ended ? ApiTime.Format(ended) : null,
        execution.Count, execution.FirstSequence, outputs, truncated);

    private static string StateOf(ExecutionPhase phase) => phase switch
    {
        ExecutionPhase.Queued => "queued",
        ExecutionPhase.Running => "running",
        ExecutionPhase.Done => "done",
        ExecutionPhase.Error => "error",
        _ => "aborted",
    };
}
