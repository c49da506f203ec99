using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Kernels.Starting;

/// <summary>Section <c>Starts</c>: how many kernels start at the same moment, in which order, and when the machine is full.</summary>
public sealed record StartsOptions
{
    public const string Section = "Starts";

    [Range(0, 10_000), Description("Kernels that start at the same moment; further ones wait for their turn. 0 takes twice the number of processors: more would only make each of them slower.")]
    public int AtOnce { get; init; }

    [Range(1, 1_000_000), Description("Kernels that may wait for their turn; a further one is refused.")]
    public int MaxWaiting { get; init; } = 10_000;

    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00"), Description("A start that takes longer than this (its image is fetched, its machine hangs) no longer counts among those at the same moment.")]
    public TimeSpan LongestTurn { get; init; } = TimeSpan.FromSeconds(15);

    [Range(0L, 1L << 50), Description("Bytes of memory of the machine that are kept free: with less, kernels wait to be started. 0 starts them whatever is free.")]
    public long KeepFreeBytes { get; init; } = 256L << 20;

    [Range(0L, 1L << 40), Description("Bytes of memory a kernel is reckoned to need while it starts, beside what is kept free.")]
    public long BytesPerStart { get; init; } = 64L << 20;

    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00"), Description("How long a kernel waits for memory before its start is refused.")]
    public TimeSpan WaitForMemory { get; init; } = TimeSpan.FromMinutes(2);
}
