using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Journal.Recording;

/// <summary>Section <c>Recorder</c>: the small process that hears kernels while no hub does.</summary>
public sealed record RecorderOptions
{
    public const string Section = "Recorder";

    [Description("Run a recorder beside the hub: without it, what kernels say while the hub is being started again is lost, and that is said.")]
    public bool Enabled { get; init; } = true;

    [Range(65_536, 1L << 32), Description("Bytes per kernel the recorder keeps in memory of what the hub has not yet written to its journal; more goes to disk.")]
    public long BytesPerKernel { get; init; } = 4 << 20;

    [Range(0, 1L << 40), Description("Bytes per kernel the recorder may put on disk while no hub takes them; beyond it the oldest are dropped and that is said.")]
    public long SpillBytes { get; init; } = 256 << 20;

    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00"), Description("The recorder ends when for so long no hub was connected and none of its kernels was there.")]
    public TimeSpan IdleExit { get; init; } = TimeSpan.FromMinutes(5);

    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00"), Description("How long the hub waits for a recorder it started, and for an answer of one that runs.")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00"), Description("How often the recorder is told what the journal has already.")]
    public TimeSpan TellEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    [Range(1, 1_000_000), Description("Most kernels one recorder hears.")]
    public int MaxKernels { get; init; } = 20_000;
}
