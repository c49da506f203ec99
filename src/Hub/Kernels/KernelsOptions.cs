using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Kernels;

/// <summary>Section <c>Kernels</c>: how many kernels people may run, how long things may take, and how much is kept for whom.</summary>
public sealed record KernelsOptions
{
    public const string Section = "Kernels";

    [Range(1, 10_000), Description("Kernels one user may run at the same time; dead ones do not count.")]
    public int MaxPerUser { get; init; } = 20;

    [Range(1, 1_000_000), Description("Kernels the whole hub runs at the same time.")]
    public int MaxTotal { get; init; } = 2_000;

    [Range(1, 1_000), Description("Dead kernels kept per user so that the page can say why they died and offer a restart; the oldest go first.")]
    public int MaxDeadPerUser { get; init; } = 32;

    [Range(typeof(TimeSpan), "00:00:01", "01:00:00"), Description("How long a launched kernel may take to answer for the first time before the start counts as failed.")]
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    [Range(typeof(TimeSpan), "00:00:01", "06:00:00"), Description("How long the spawner may take to launch a kernel, fetching or building its image included.")]
    public TimeSpan LaunchTimeout { get; init; } = TimeSpan.FromMinutes(15);

    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00"), Description("After this time a request that starts a kernel is answered although the start still goes on.")]
    public TimeSpan StartReplyAfter { get; init; } = TimeSpan.FromSeconds(10);

    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00"), Description("Time between two questions to a kernel that is starting and has not answered yet.")]
    public TimeSpan NudgeEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00"), Description("How long a kernel that a former run of the hub started may take to answer before it counts as busy; its tabs wait so long.")]
    public TimeSpan AdoptTimeout { get; init; } = TimeSpan.FromSeconds(1);

    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00"), Description("Time between two questions to a container engine that cannot tell which kernels of a former run of the hub still run.")]
    public TimeSpan AdoptRetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00"), Description("Time between two comparisons of the kernels the hub knows with those the spawner finds; what is nobody's is removed at the second one that finds it, and who is gone is told dead.")]
    public TimeSpan ReconcileEvery { get; init; } = TimeSpan.FromMinutes(1);

    [Range(typeof(TimeSpan), "00:00:00", "00:05:00"), Description("How long a kernel that was asked to shut down may take to end by itself, and again after SIGTERM before it is killed.")]
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2.5);

    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00"), Description("How long an interrupt by message may stay unanswered before a signal is sent as well.")]
    public TimeSpan InterruptTimeout { get; init; } = TimeSpan.FromSeconds(2);

    [Range(typeof(TimeSpan), "00:00:01", "00:10:00"), Description("Time between two heartbeats of a kernel that has an open tab; a silent kernel is only reported, never killed.")]
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(10);

    [Description("True stops all kernels when the hub stops; false lets them run, and the next start of the hub finds them again.")]
    public bool StopOnExit { get; init; }

    [Range(1, 1_000_000), Description("Requests of one tab a kernel may have open; a further one is refused.")]
    public int MaxPendingPerTab { get; init; } = 2_000;

    [Range(1, 1_000_000), Description("Requests of all tabs one kernel may have open; a further one is refused.")]
    public int MaxPendingPerKernel { get; init; } = 10_000;

    [Range(1, 10_000), Description("Tabs that may be connected to one kernel; a further one is refused with 503.")]
    public int MaxTabsPerKernel { get; init; } = 1_000;

    [Range(1_024, 1_073_741_824), Description("Bytes of one WebSocket frame a tab may send; a larger one closes the connection with code 1009.")]
    public int MaxFrameBytes { get; init; } = 64 * 1024 * 1024;

    [Range(1_024, 1_073_741_824), Description("Bytes of requests kept for a kernel that does not read them or is still starting; further requests are refused.")]
    public long MaxUnsentBytes { get; init; } = 128L * 1024 * 1024;

    [Range(64, 10_000_000), Description("Messages of one kernel and its tabs that may wait for the hub; beyond it the kernel's socket is not read, and most kernels then drop output.")]
    public int MailboxMessages { get; init; } = 65_536;

    [Range(65_536, 1_073_741_824), Description("Bytes of one kernel and its tabs that may wait for the hub; beyond it the kernel's socket is not read, and most kernels then drop output.")]
    public long MailboxBytes { get; init; } = 64L * 1024 * 1024;

    [Description("Message types a tab may send beside those of the Jupyter messaging specification, separated by spaces.")]
    public string AllowedMessageTypes { get; init; } = "";

    [Range(16, 1_000_000), Description("Messages that may wait in memory for one tab; beyond it the tab reads them from the journal, stream text joined.")]
    public int TabQueueMessages { get; init; } = 4_096;

    [Range(65_536, 1_073_741_824), Description("Bytes that may wait in memory for one tab; beyond it the tab reads them from the journal, stream text joined.")]
    public long TabQueueBytes { get; init; } = 32L * 1024 * 1024;

    [Range(0, 100_000), Description("Tabs without connection of which one kernel remembers where they were, so that they go on there when they return with the same session_id; the oldest are forgotten first.")]
    public int ReplayTabs { get; init; } = 256;

    [Range(1, 100_000), Description("Executions of one kernel that are listed with their state; the oldest are forgotten first.")]
    public int ExecutionsKept { get; init; } = 200;

    [Range(1_024, 1_073_741_824), Description("Bytes of outputs one answer about executions may hold; what is beyond is left out and marked.")]
    public long SnapshotBytes { get; init; } = 16L * 1024 * 1024;

    [Range(0, 1_000_000), Description("Comms (widgets and the like) of one kernel the hub follows, so that it can tell a page their state while the kernel is busy; beyond it that is left to the kernel.")]
    public int CommsKept { get; init; } = 10_000;

    [Range(0, 1_073_741_824), Description("Bytes of widget state of one kernel the hub keeps, so that it can tell a page while the kernel is busy; a widget whose state does not fit is left to the kernel.")]
    public long CommStateBytes { get; init; } = 8L * 1024 * 1024;

    [Range(256, 1_048_576), Description("Bytes of a kernel's own output kept for the operator when a start fails.")]
    public int LogTailBytes { get; init; } = 8 * 1024;
}
