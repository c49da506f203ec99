using System.Runtime.InteropServices;

namespace Spawner.Posix;

/// <summary>The system calls the base library does not offer; each as the manual page of section 2 says.</summary>
internal static partial class Libc
{
    /// <summary>Its number on every architecture.</summary>
    private const long PidfdOpen = 434;

    // New system calls have one number everywhere.
    private const long OpenTreeCall = 428, MoveMountCall = 429, ChangeMountCall = 442;

    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    /// <summary>These two differ between x86 and Arm.</summary>
    public static readonly int DirectoryOnly = IsArm ? 0x4000 : 0x10000;

    public static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    public const int SymlinkNoFollow = 0x100;

    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    public const int NoSuchProcess = 3;
    public const int Exists = 17;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenAt(int directory, string name, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RenameAt(int fromDirectory, string from, int toDirectory, string to);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(int file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int file, uint mode);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeMode(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectoryAt(int directory, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Stat(int directory, string name, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    /// <summary>A descriptor that becomes readable when the process ends, also while nobody has reaped it; negative where there is no such thing (before Linux 5.3).</summary>
    public static int OpenProcess(int process) => (int)SystemCall(PidfdOpen, process, 0);

    /// <summary>open_tree(2): a descriptor of a copy of the mount at a path.</summary>
    public static int OpenTree(int directory, string path, uint flags) => (int)SystemCall(OpenTreeCall, directory, path, flags);

    /// <summary>move_mount(2).</summary>
    public static int MoveMount(int from, string fromPath, int to, string toPath, uint flags) => (int)SystemCall(MoveMountCall, from, fromPath, to, toPath, flags);

    /// <summary>mount_setattr(2).</summary>
    public static int ChangeMount(int directory, string path, int flags, ref MountAttributes attributes) =>
        (int)SystemCall(ChangeMountCall, directory, path, flags, ref attributes, Marshal.SizeOf<MountAttributes>());

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unmount(string place, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RemoveAt(int directory, string name, int flags);

    /// <summary>Fills in what happened to each descriptor.</summary>
    /// <returns>How many something happened to; negative when it failed.</returns>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollDescriptor first, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long first, long second);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long SystemCall(long number, long first, string second, long third);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long SystemCall(long number, long first, string second, long third, string fourth, long fifth);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long SystemCall(long number, long first, string second, long third, ref MountAttributes fourth, long fifth);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint EffectiveGroup();
}
