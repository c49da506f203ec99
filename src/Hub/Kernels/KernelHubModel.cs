using System.Text.Json.Serialization;
using Hub.Http;
using Hub.Kernels.Culling;

namespace Hub.Kernels;

/// <summary>What only this hub knows of a kernel: since when it is busy, the cell that runs (1 is the first) of how many, who waits, and, when the hub is
/// about to stop it, why (<c>idle</c>, <c>longest_run</c>), when, and in words.</summary>
public sealed record KernelHubModel(
    string? BusySince,
    int Cell,
    int Of,
    IReadOnlyList<ExecutionModel> Queue,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] KernelEndingModel? Ending)
{
    /// <summary>Longest queue that is listed; <c>of</c> counts all.</summary>
    private const int MaxListed = 100;

    internal static KernelHubModel From(ExecutionsState executions, KernelEnding? ending)
    {
        (int cell, int of) = executions.Progress;
        return new(executions.BusySince is { } since ? ApiTime.Format(since) : null, cell, of, [.. executions.Queue.Take(MaxListed).Select(execution => ExecutionModel.Of(execution))],
            ending is null ? null : new KernelEndingModel(CullingText.NameOf(ending.Cause), ApiTime.Format(ending.At), ending.Message, (int)ending.KeepFor.TotalSeconds));
    }
}
