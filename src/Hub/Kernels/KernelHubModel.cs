using Hub.Http;

namespace Hub.Kernels;

/// <summary>What only this hub knows of a kernel: since when it is busy, the cell that runs (1 is the first) of how many, and who waits.</summary>
public sealed record KernelHubModel(string? BusySince, int Cell, int Of, IReadOnlyList<ExecutionModel> Queue)
{
    /// <summary>Longest queue that is listed; <c>of</c> counts all.</summary>
    private const int MaxListed = 100;

    internal static KernelHubModel From(ExecutionsState executions)
    {
        (int cell, int of) = executions.Progress;
        return new(executions.BusySince is { } since ? ApiTime.Format(since) : null, cell, of, [.. executions.Queue.Take(MaxListed).Select(execution => ExecutionModel.Of(execution))]);
    }
}
