using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Journal;

/// <summary>Section <c>Journal</c>: what is kept of what kernels said, and for how long.</summary>
public sealed record JournalOptions
{
    public const string Section = "Journal";

    [Description("Keep journals on disk, where they survive the hub; without it they are kept in memory, within UnwrittenBytes per kernel.")]
    public bool OnDisk { get; init; } = true;

    [Range(65_536, 1L << 40), Description("Bytes of one kernel's journal on disk, large buffers included; beyond it the oldest segments go.")]
    public long BytesPerKernel { get; init; } = 128L << 20;

    [Range(65_536, 1L << 45), Description("Bytes of all journals on disk; beyond it the oldest segments that hold no running execution go, then the oldest of all.")]
    public long Bytes { get; init; } = 8L << 30;

    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00"), Description("How long finished executions are kept, and the journal of a kernel that nobody has any more.")]
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(7);

    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00"), Description("How long the journal of a kernel that was shut down is kept.")]
    public TimeSpan KeepAfterEnd { get; init; } = TimeSpan.FromHours(1);

    [Range(4_096, 1 << 30), Description("Bytes after which a new segment is begun; what is dropped is dropped by segments.")]
    public int SegmentBytes { get; init; } = 4 << 20;

    [Range(1_024, 1 << 30), Description("Buffers of at least this many bytes are stored once per kernel and named by a digest of their bytes.")]
    public int BlobBytes { get; init; } = 64 << 10;

    [Range(0, 1L << 32), Description("Bytes per kernel kept in memory although they are on disk, for tabs that are a little behind; given back when the kernel is quiet.")]
    public long MemoryBytes { get; init; } = 1 << 20;

    [Range(65_536, 1L << 32), Description("Bytes per kernel that may wait in memory for a slow or full disk; beyond it the oldest are dropped and that is said.")]
    public long UnwrittenBytes { get; init; } = 32 << 20;

    [Range(0, 1L << 40), Description("Bytes that all kernels together may let wait in memory beyond UnwrittenBytes each, when one says more for a moment than the disk takes.")]
    public long BurstBytes { get; init; } = 256 << 20;

    [Range(0, 1 << 24), Description("Bytes of output gathered before they are written although the kernel goes on saying more.")]
    public int PushBytes { get; init; } = 64 << 10;

    [Description("Wait for the disk itself (fsync) after each write: output then survives a power failure too, at a cost.")]
    public bool Sync { get; init; }

    [Range(1, 64), Description("Threads that write journals; a disk that hangs stops these and nothing else.")]
    public int Writers { get; init; } = 2;

    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00"), Description("Time between two attempts to write to a disk that refused.")]
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);
}
