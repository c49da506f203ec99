using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Contents.Quotas;

/// <summary>Section <c>Homes</c>: how much a home may hold, and how that is kept.</summary>
public sealed record HomesOptions
{
    public const string Section = "Homes";

    /// <summary>More no home may hold.</summary>
    internal const long MostBytes = 1L << 45;

    [Range(0, MostBytes)]
    [Description("How much one home may hold, in bytes; 0 without limit.")]
    public long QuotaBytes { get; init; }

    [Description("Other quotas than Homes:QuotaBytes, for members of groups and for single users; each under a name of its own. See docs/guides/quotas.md.")]
    public IReadOnlyDictionary<string, HomeQuotaOptions> Quotas { get; init; } = new Dictionary<string, HomeQuotaOptions>();

    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    [Description("Time between two looks at whose quota is another by now, because of a group or a class.")]
    public TimeSpan QuotasEvery { get; init; } = TimeSpan.FromSeconds(5);

    [Range(0, 10_000)]
    [Description("Where a measured home holds more than so many percent of its quota, its kernels are stopped, and none is started until it holds less; 0 never, otherwise at least 100. Homes in images need none: they cannot.")]
    public int HardLimitPercent { get; init; } = 200;

    [Description("How that is kept. image: each new home is a file system of its own in a sparse file, which nothing in it can outgrow; needs a hub that is root on the machine itself. measured: the hub adds up what is there and refuses to write more; a kernel is only told. auto: image where it can be, for homes that are new. none: not at all.")]
    public QuotaKind QuotaKind { get; init; }

    [Description("Take the whole room of an image from the disk when it is made: nothing is promised twice, and a disk that others fill cannot touch a home. Otherwise an image takes what is in it.")]
    public bool AllocateInFull { get; init; }

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    [Description("Time between two measurements of a home in which a kernel is at work; ten times as long as the last one took when that is longer. An image is asked at each look.")]
    public TimeSpan MeasureEvery { get; init; } = TimeSpan.FromSeconds(30);

    [Range(1, 64)]
    [Description("Homes that are measured at the same time; one with millions of files keeps the others from nothing.")]
    public int MeasureAtOnce { get; init; } = 4;

    [Range(100, 10_000_000)]
    [Description("Files that all measurements together look at in a second.")]
    public int MeasureFilesPerSecond { get; init; } = 40_000;

    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    [Description("Time between two looks at which homes are to be measured.")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);

    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    [Description("Time without use, and without a kernel, after which a home is no longer measured and its image is unmounted until it is used again.")]
    public TimeSpan RestAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes a home may hold; null when there is no quota.</summary>
    internal long? Quota => QuotaBytes > 0 && QuotaKind != QuotaKind.None ? QuotaBytes : null;
}
