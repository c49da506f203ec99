using System.Text.Json.Serialization;
using Hub.Http;

namespace Hub.Kernels;

/// <summary>A kernel on the API (jupyter-server-rest §6). <c>reason</c> says why it is dead or what is wrong with it, and is absent when all is well; <c>hub</c> is ours.</summary>
public sealed record KernelModel(
    string Id,
    string Name,
    string LastActivity,
    string ExecutionState,
    int Connections,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    KernelHubModel Hub)
{
    public static KernelModel Of(LiveKernel kernel) =>
        new(kernel.Id, kernel.SpecName, ApiTime.Format(kernel.LastActivity), kernel.ExecutionState, kernel.ConnectionCount, kernel.Reason, KernelHubModel.From(kernel.Executions, kernel.Ending));
}
