using System.Runtime.InteropServices;

namespace Wire.Zmtp;

/// <summary>What the base library does not tell of a file: whether it is a socket.</summary>
internal static partial class UnixFile
{
    // statx(2): offset and mask of the mode, which begins with the type.
    private const int StatusBytes = 256;
    private const int ModeAt = 28;
    private const int TypeMask = 0xF000;
    private const int SocketType = 0xC000;
    private const int WorkingDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeWanted = 1;

    /// <summary>False also for a link to a socket, and when there is nothing or nothing can be told.</summary>
    public static bool IsSocket(string path)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        return Status(WorkingDirectory, path, NoFollow, TypeWanted, status) == 0
            && (MemoryMarshal.Read<ushort>(status[ModeAt..]) & TypeMask) == SocketType;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Status(int directory, string path, int flags, uint mask, Span<byte> status);
}
