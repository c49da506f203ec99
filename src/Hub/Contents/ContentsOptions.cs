using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Contents;

/// <summary>Section <c>Contents</c>: homes and the files in them.</summary>
public sealed record ContentsOptions
{
    public const string Section = "Contents";

    [Range(1000, 2_000_000_000)]
    [Description("When the hub runs as root, the uid and gid of a user are this number plus the user's id; must leave the machine's own accounts alone.")]
    public int FirstUserId { get; init; } = 200_000;

    [Description("Show and accept names that begin with a dot.")]
    public bool AllowHidden { get; init; }

    [Range(1, 4096)]
    [Description("Longest path below the home in bytes.")]
    public int MaxPathBytes { get; init; } = 4000;

    [Range(1, 255)]
    [Description("Longest name of a file or directory in bytes.")]
    public int MaxNameBytes { get; init; } = 255;

    [Range(1024, 1L << 42)]
    [Description("Longest body of a save in bytes; base64 makes a file a third longer. A larger file is uploaded in pieces.")]
    public long MaxBodyBytes { get; init; } = 1L << 30;

    [Range(1024, 1 << 24)]
    [Description("Longest rest of that body in bytes, its content not counted.")]
    public int MaxModelBytes { get; init; } = 64 << 10;

    [Range(1024, 1L << 45)]
    [Description("Largest file that an upload in pieces may make, in bytes.")]
    public long MaxUploadBytes { get; init; } = 1L << 40;

    [Range(1, 3600)]
    [Description("Seconds without a piece after which an upload in pieces is given up and another one may begin under its name.")]
    public int UploadIdleSeconds { get; init; } = 30;

    [Range(1024, 1_000_000_000)]
    [Description("Largest notebook in bytes that is opened or saved as a notebook; a larger one is still a file.")]
    public int MaxNotebookBytes { get; init; } = 100 << 20;

    [Range(1, 1000)]
    [Description("Notebooks of one user that may be in memory at once while they are sent; further ones wait.")]
    public int NotebooksPerUser { get; init; } = 4;

    [Range(16, 1000)]
    [Description("Deepest nesting of the JSON of a notebook.")]
    public int MaxJsonDepth { get; init; } = 200;

    [Range(1, 1L << 45)]
    [Description("Largest total in bytes that one copy of a directory may make.")]
    public long MaxCopyBytes { get; init; } = 10L << 30;

    [Range(4, 1000)]
    [Description("Deepest nesting of directories that one copy or one removal walks.")]
    public int MaxDirectoryDepth { get; init; } = 128;

    [Description("Move what is deleted to the home's trash (.local/share/Trash) instead of removing it. What is there counts against the quota; a home that is nearly full, and a full disk, remove at once.")]
    public bool DeleteToTrash { get; init; }

    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    [Description("Time after which what is in the trash is removed, with the next deletion.")]
    public TimeSpan TrashFor { get; init; } = TimeSpan.FromDays(30);

    [Range(1, 1000)]
    [Description("How many states (checkpoints) are kept of a file; the oldest go. With 1 there is the one Jupyter Server keeps.")]
    public int CheckpointsPerFile { get; init; } = 5;

    [Range(0, 1L << 45)]
    [Description("Largest total in bytes of the states kept of one file; beyond it the oldest go, the newest never.")]
    public long MaxCheckpointBytes { get; init; } = 256L << 20;

    [Range(1, 1L << 45)]
    [Description("Largest total in bytes of the files that one archive of a directory may hold.")]
    public long MaxArchiveBytes { get; init; } = 1L << 36;

    [Range(1, 10_000_000)]
    [Description("Most files and directories that one archive may hold; each costs about a hundred bytes of memory while a zip is sent.")]
    public int MaxArchiveEntries { get; init; } = 200_000;

    [Range(1, 86_400)]
    [Description("Seconds that sending one archive may take.")]
    public int MaxArchiveSeconds { get; init; } = 3600;

    [Range(1, 1000)]
    [Description("Archives of one user that may be sent at once; more are answered with 503.")]
    public int ArchivesPerUser { get; init; } = 2;

    [Range(1, 10_000_000)]
    [Description("Most entries of a directory that one listing shows; more than a browser can draw.")]
    public int MaxListedEntries { get; init; } = 100_000;

    [Range(1, 1_000_000)]
    [Description("How many notebooks of a user are remembered as trusted: the last saved ones.")]
    public int MaxTrustedNotebooks { get; init; } = 10_000;

    [Range(1, 10_000)]
    [Description("Hours after which what is left of an interrupted upload or save is removed.")]
    public int LitterHours { get; init; } = 24;

    [Range(0, 1_000_000)]
    [Description("Directories that are watched at once, so that open pages are told of changes; 0 watches none. The operating system has its own limit, fs.inotify.max_user_watches.")]
    public int MaxWatches { get; init; } = 4096;

    [Range(1, 10_000)]
    [Description("Directories of one user that are watched at once; the one that was looked at longest ago makes room.")]
    public int WatchesPerUser { get; init; } = 32;

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    [Description("Time since a directory was listed, or a file of it read, after which it is watched no longer.")]
    public TimeSpan WatchFor { get; init; } = TimeSpan.FromMinutes(5);

    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    [Description("Time between two tellings of what changed; whatever happens to one directory in between is told at once.")]
    public TimeSpan WatchEvery { get; init; } = TimeSpan.FromSeconds(1);

    [Range(1, 256)]
    [Description("Threads that work on files.")]
    public int Threads { get; init; } = 16;

    [Range(1, 256)]
    [Description("How many of those threads one user may occupy at once.")]
    public int ThreadsPerUser { get; init; } = 4;

    [Range(1, 100_000)]
    [Description("File operations of one user that may wait for a thread; more are answered with 503.")]
    public int WaitingPerUser { get; init; } = 256;
}
