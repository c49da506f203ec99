using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Classes;

/// <summary>Section <c>Classes</c>: who may teach, how large classes are, and what becomes of guests.</summary>
public sealed record ClassesOptions
{
    public const string Section = "Classes";

    [Description("Anybody with an account may make a class; otherwise only administrators, who name the teachers. Never guests.")]
    public bool AnybodyMayTeach { get; init; }

    [Description("A teacher's roster makes the accounts that are missing; otherwise only an administrator's does.")]
    public bool TeachersMakeAccounts { get; init; } = true;

    [Range(1, 100_000)]
    [Description("Students a class may have, unless its teacher says fewer.")]
    public int MaxCapacity { get; init; } = 1000;

    [Range(1, 10_000)]
    [Description("Wrong join codes from one address within Classes:ThrottleSeconds; more are refused with 429. A class often shares one address, and right codes do not count.")]
    public int WrongCodesPerAddress { get; init; } = 60;

    [Range(1, 86_400)]
    [Description("Seconds after which a wrong join code no longer counts.")]
    public int ThrottleSeconds { get; init; } = 300;

    [Range(0, 60)]
    [Description("Seconds that somebody who joins waits for the materials at most; later ones arrive while they work.")]
    public int MaterialsWaitSeconds { get; init; } = 3;

    [Range(1, 1L << 40)]
    [Description("Most bytes of materials that are copied into one home.")]
    public long MaxMaterialsBytes { get; init; } = 1L << 30;

    [Range(1, 1_000_000)]
    [Description("Most files of materials that are copied into one home.")]
    public int MaxMaterialsFiles { get; init; } = 10_000;

    [Range(1, 200)]
    [Description("Students of a class whose servers and kernels are started, or stopped, at the same time when a teacher does it for everybody.")]
    public int KernelsAtOnce { get; init; } = 8;

    [Range(1, 100_000)]
    [Description("Longest message to a class, in characters.")]
    public int MaxMessageLength { get; init; } = 2000;

    [Range(1, 100 << 20)]
    [Description("Most bytes of one file that is handed out while a class meets.")]
    public int MaxHandedFileBytes { get; init; } = 20 << 20;

    [Range(1, 1440)]
    [Description("Minutes after which a teacher's visit to a student ends; stepping in again begins a new one.")]
    public int VisitMinutes { get; init; } = 60;

    [Range(1, 600)]
    [Description("Seconds a visit waits for its page to be opened, and for an opened page to connect.")]
    public int VisitOpenSeconds { get; init; } = 60;

    [Range(1, 60)]
    [Description("Seconds after which a visit ends whose page was closed; a page that is loaded again is back sooner.")]
    public int VisitGraceSeconds { get; init; } = 5;

    [Range(60, 31_536_000)]
    [Description("Longest time in seconds a class may say after which an unused kernel of a student is stopped.")]
    public int MaxIdleSeconds { get; init; } = 86_400;

    [Range(0, 10_000)]
    [Description("Most kernels a class may have made ahead for its opening.")]
    public int MaxReadyKernels { get; init; } = 100;

    [Range(0, 1L << 45)]
    [Description("Most bytes a class may let each member's home hold (home_quota_bytes), where Homes:QuotaBytes is less; 0 leaves that to the operator, and no class says anything of it.")]
    public long MaxHomeQuotaBytes { get; init; }

    [Range(1, 1440)]
    [Description("Minutes before a class opens from which its kernels are made ahead.")]
    public int ReadyBeforeMinutes { get; init; } = 10;

    [Range(1, 1440)]
    [Description("Minutes after a class opened for which its kernels are kept ready for those who come late.")]
    public int ReadyAfterMinutes { get; init; } = 15;

    [Range(0, 8760)]
    [Description("Hours after its end time at which a class is ended by the hub: archive written, guests removed. 0 leaves it to its teacher.")]
    public int EndAfterHours { get; init; } = 24;
}
