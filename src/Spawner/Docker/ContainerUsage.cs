using System.Collections.Concurrent;
using System.Text.Json;

namespace Spawner.Docker;

/// <summary>What containers take of the machine, from their control groups or from the engine.</summary>
internal static class ContainerUsage
{
    /// <summary>Kernels that start and stop meanwhile are not to wait for figures.</summary>
    private const int AskedAtOnce = 4;

    /// <summary>By kernel; those that have ended are missing.</summary>
    /// <exception cref="SpawnException">The engine does not answer.</exception>
    public static async Task<IReadOnlyDictionary<string, KernelUsage>> ReadAllAsync(EngineCalls engine, ContainerGroups groups, IReadOnlyCollection<SpawnedKernel> kernels, CancellationToken cancellationToken)
    {
        ConcurrentDictionary<string, KernelUsage> known = new();
        ParallelOptions few = new() { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken };
        List<SpawnedKernel> unseen = [];
        foreach (SpawnedKernel kernel in kernels)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (groups.Read(kernel.Handle) is { } usage)
                known[kernel.KernelId] = usage;
            else
                unseen.Add(kernel);
        }

        try
        {
            await Parallel.ForEachAsync(unseen, few, async (kernel, token) =>
            {
                if (Of(await engine.MeasureAsync(kernel.Handle, token)) is { } usage)
                    known[kernel.KernelId] = usage;
            });
        }
        catch (EngineException silent)
        {
            throw StartFailure.Unavailable(silent);
        }
        return known;
    }

    /// <summary>
    /// Null when the container has ended. Memory is what the limit is held against without the files that can be dropped at any moment, as
    /// <c>docker stats</c> shows it: <c>inactive_file</c> with version 2 of control groups, <c>total_inactive_file</c> with version 1.
    /// </summary>
    public static KernelUsage? Of(EngineAnswers.Stats? stats)
    {
        if (stats is not { memory_stats: { usage: > 0 } memory, cpu_stats.cpu_usage: { } processor })
            return null;
        long droppable = Number(memory, "total_inactive_file") ?? Number(memory, "inactive_file") ?? 0;
        return From(memory.usage, droppable, processor.total_usage);
    }

    public static KernelUsage From(long usage, long droppable, long nanoseconds) =>
        new(Math.Max(usage - droppable, 0), TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick));

    private static long? Number(EngineAnswers.MemoryStats memory, string name) =>
        memory.stats?.TryGetValue(name, out JsonElement value) == true && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;
}
