using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Terminals;

/// <summary>Section <c>Terminals</c>: whether people have them, how many, how big, and when an unused one ends.</summary>
public sealed record TerminalsOptions
{
    public const string Section = "Terminals";

    [Description("Whether people can open terminals.")]
    public bool Enabled { get; init; } = true;

    [Range(1, 1_000), Description("Terminals one user may have at the same time, in all of their servers.")]
    public int MaxPerUser { get; init; } = 5;

    [Range(1, 1_000_000), Description("Terminals the whole hub has at the same time.")]
    public int MaxTotal { get; init; } = 1_000;

    [Range(1, 10_000), Description("Tabs that may be connected to one terminal; a further one is refused with 503.")]
    public int MaxTabsPerTerminal { get; init; } = 50;

    [Description("Environment (kernelspec) whose image and mounts terminals have; empty takes the user's default one if its kernels are Python's, else the first of theirs whose are.")]
    public string Environment { get; init; } = "";

    [Description("The shell, by name or path; empty means bash where there is one, else what SHELL says, else sh.")]
    public string Shell { get; init; } = "";

    [Range(0, long.MaxValue), Description("Memory of a terminal in bytes, with everything that runs in it, where terminals are containers; 0 means as its environment's kernels. Never more than the environment says.")]
    public long MemoryBytes { get; init; }

    [Range(0, 4096), Description("Processors of a terminal where terminals are containers; 0 means as its environment's kernels. Never more than the environment says.")]
    public double Cpus { get; init; }

    [Range(0, 1_000_000), Description("Processes and threads of a terminal where terminals are containers; 0 means as its environment's kernels. Never more than the environment says.")]
    public long Processes { get; init; }

    [Range(16 * 1024, 16 * 1024 * 1024), Description("Bytes of output that are kept of a terminal and shown to a tab that comes later, also after a restart of the hub; kept twice, by the hub and beside the shell.")]
    public int ScrollbackBytes { get; init; } = 256 * 1024;

    [Range(64 * 1024, 1024 * 1024 * 1024), Description("Bytes of output in a second that one terminal may send; a program that writes more is made to wait.")]
    public int OutputBytesPerSecond { get; init; } = 8 * 1024 * 1024;

    [Range(1_024, 64 * 1024 * 1024), Description("Bytes of one WebSocket frame a tab may send, such as a text that is pasted; a larger one closes the connection with code 1009.")]
    public int MaxFrameBytes { get; init; } = 4 * 1024 * 1024;

    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00"), Description("A tab that takes in nothing for this time is not waited for any more; when it goes on, it is told how much it missed.")]
    public TimeSpan SlowTabAfter { get; init; } = TimeSpan.FromSeconds(3);

    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00"), Description("A terminal with no open tab, nothing typed and nothing shown for this time ends, with everything that runs in it. 0 never.")]
    public TimeSpan CullAfter { get; init; } = TimeSpan.FromHours(12);

    [Range(typeof(TimeSpan), "00:00:01", "01:00:00"), Description("Time between two looks for terminals nobody uses.")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(15);

    [Range(typeof(TimeSpan), "00:00:01", "06:00:00"), Description("How long a terminal may take to start, fetching its image included.")]
    public TimeSpan LaunchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    [Range(typeof(TimeSpan), "00:00:01", "00:05:00"), Description("How long a started terminal may take to answer the hub.")]
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
