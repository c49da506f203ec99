using System.Runtime.InteropServices;

namespace Hub.Contents.FileSystem;

/// <summary>Flags of open(2) on Linux; two of them differ between processors.</summary>
internal static class OpenFlags
{
    private static readonly bool s_arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NoTerminal = 0x100;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    /// <summary>Names the file without opening it: no side effect on FIFOs and devices.</summary>
    public const int PathOnly = 0x200000;

    public static readonly int Directory = s_arm ? 0x4000 : 0x10000;
    public static readonly int NoFollow = s_arm ? 0x8000 : 0x20000;

    /// <summary>RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS: links may lead anywhere below the directory, and nowhere else.</summary>
    public const ulong Beneath = 0x08 | 0x02;

    /// <summary>The same, and no link at all on the way.</summary>
    public const ulong BeneathWithoutLinks = Beneath | 0x04;
}
