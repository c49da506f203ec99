using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hub.Contents.FileSystem;

/// <summary>
/// The calls of the operating system that .NET does not offer: everything relative to an open directory, so that nothing is ever decided about a path
/// that somebody else can change in the meantime. Names are bytes ending in a zero, as <see cref="FileName"/> makes them.
/// </summary>
internal static partial class LibC
{
    private const string Library = "libc";
    private const int OpenAt2Number = 437;
    private const int FileAccessAt2Number = 439;

    public const int CurrentDirectory = -100;
    public const int NoFollow = 0x100;
    public const int EmptyPath = 0x1000;
    public const int EffectiveAccess = 0x200;
    public const int RemoveDirectory = 0x200;
    public const uint NoReplace = 1;
    public const uint Exchange = 2;
    public const uint BasicStatus = 0x7FF | 0x800;
    public const int MayRead = 4;
    public const int MayWrite = 2;

    /// <summary><c>struct open_how</c> of openat2(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>openat2(2); -1 with errno on failure.</summary>
    public static int OpenAt2(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags, uint mode, ulong resolve)
    {
        OpenHow how = new() { Flags = (uint)flags, Mode = mode, Resolve = resolve };
        return (int)OpenAt2(OpenAt2Number, directory, name, in how, (nuint)Marshal.SizeOf<OpenHow>());
    }

    /// <summary>faccessat2(2) asked for the effective user, without following a link; true when allowed.</summary>
    public static bool MayAccess(SafeFileHandle directory, ReadOnlySpan<byte> name, int mode, int flags) =>
        FileAccessAt2(FileAccessAt2Number, directory, name, mode, flags | EffectiveAccess) == 0;

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenAt2(nint number, SafeFileHandle directory, ReadOnlySpan<byte> name, in OpenHow how, nuint size);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint FileAccessAt2(nint number, SafeFileHandle directory, ReadOnlySpan<byte> name, nint mode, nint flags);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true)]
    public static partial int Open(ReadOnlySpan<byte> path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    public static partial int StatusAt(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags, uint mask, out RawStatus status);

    [LibraryImport(Library, EntryPoint = "getdents64", SetLastError = true)]
    public static partial nint ReadEntries(SafeFileHandle directory, Span<byte> buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeFileHandle file, long offset, int from);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeDirectoryAt(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode);

    [LibraryImport(Library, EntryPoint = "mkdir", SetLastError = true)]
    public static partial int MakeDirectory(ReadOnlySpan<byte> path, uint mode);

    [LibraryImport(Library, EntryPoint = "renameat2", SetLastError = true)]
    public static partial int RenameAt(SafeFileHandle from, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName, uint flags);

    [LibraryImport(Library, EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(SafeFileHandle from, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName, int flags);

    [LibraryImport(Library, EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int MakeLinkAt(ReadOnlySpan<byte> target, SafeFileHandle directory, ReadOnlySpan<byte> name);

    [LibraryImport(Library, EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(SafeFileHandle directory, ReadOnlySpan<byte> name, Span<byte> buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int RemoveAt(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags);

    [LibraryImport(Library, EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(SafeFileHandle file, uint mode);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(SafeFileHandle file, long length);

    /// <summary>With times 0 both become now.</summary>
    [LibraryImport(Library, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int TouchAt(SafeFileHandle directory, ReadOnlySpan<byte> name, nint times, int flags);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Synchronize(SafeFileHandle file);

    /// <summary>The whole file system a file is on.</summary>
    [LibraryImport(Library, EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SynchronizeSystem(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(SafeFileHandle file, Span<byte> buffer, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint WriteAt(SafeFileHandle file, ReadOnlySpan<byte> buffer, nuint count, long offset);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle file, Span<byte> buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "inotify_init1", SetLastError = true)]
    public static partial int OpenInotify(int flags);

    [LibraryImport(Library, EntryPoint = "inotify_add_watch", SetLastError = true)]
    public static partial int AddWatch(SafeFileHandle queue, ReadOnlySpan<byte> path, uint mask);

    [LibraryImport(Library, EntryPoint = "inotify_rm_watch", SetLastError = true)]
    public static partial int RemoveWatch(SafeFileHandle queue, int id);

    [LibraryImport(Library, EntryPoint = "readlink", SetLastError = true)]
    public static partial nint ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, nuint size);

    /// <summary>Changes the user the calling thread touches files as; returns the one before, and never fails aloud.</summary>
    [LibraryImport(Library, EntryPoint = "setfsuid")]
    public static partial int SetFileUser(int user);

    /// <summary>Changes the group the calling thread touches files as; returns the one before, and never fails aloud.</summary>
    [LibraryImport(Library, EntryPoint = "setfsgid")]
    public static partial int SetFileGroup(int group);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();
}
