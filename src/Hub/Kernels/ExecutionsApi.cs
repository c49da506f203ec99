using Hub.Http;
using Hub.Journal;
using Microsoft.Extensions.Options;

namespace Hub.Kernels;

/// <summary>
/// <c>api/kernels/{id}/executions</c> (ours): who ran what, how far it has come, and on wish its outputs as a notebook would hold them, together
/// with the number in the journal they hold for, so that a page that comes late has everything and follows without a gap.
/// </summary>
internal static class ExecutionsApi
{
    private const int DefaultLimit = 50;

    public static async Task<IResult> ListAsync(HttpContext context, string kernelId, KernelRegistry kernels, IOptions<KernelsOptions> options, int? limit = null, bool outputs = false)
    {
        if (kernels.Find(context.Server(), kernelId) is not { } kernel || await kernel.LookAsync(context.RequestAborted) is not { } seen)
            return KernelsApi.NotFound(kernelId);
        if (limit is < 1)
            return ApiError.Server(StatusCodes.Status400BadRequest, "limit must be at least 1.");
        List<Execution> wanted = [.. seen.Executions.All.Values.TakeLast(limit ?? DefaultLimit)];
        OutputsState? folded = outputs && wanted.Count > 0 ? await FoldAsync(kernel, wanted, seen.Sequence, options.Value.SnapshotBytes, context.RequestAborted) : null;
        return Results.Json(
            new ExecutionsModel(seen.Sequence, kernel.ExecutionState, KernelHubModel.From(seen.Executions, kernel.Ending), [.. wanted.Select(execution => ModelOf(execution, folded, outputs))]), ApiJson.Options);
    }

    private static ExecutionModel ModelOf(Execution execution, OutputsState? folded, bool outputs)
    {
        if (!outputs || folded is null)
            return ExecutionModel.Of(execution);
        (System.Text.Json.Nodes.JsonArray made, bool truncated) = folded.Of(execution.Id);
        return ExecutionModel.Of(execution, made, truncated);
    }

    private static async Task<OutputsState> FoldAsync(LiveKernel kernel, List<Execution> wanted, long upTo, long maxBytes, CancellationToken cancellationToken)
    {
        OutputsState folded = new(wanted.Select(execution => execution.Id).Distinct(), maxBytes);
        using JournalReader reader = kernel.Journal.Read(wanted[0].FirstSequence);
        while (await reader.NextAsync(1_024, 1 << 20, cancellationToken) is { Count: > 0 } entries)
        {
            foreach (JournalEntry entry in entries)
            {
                if (entry.Sequence > upTo)
                    return folded;
                folded.Apply(entry);
            }
        }

        return folded;
    }
}
