using System.Runtime.InteropServices;

namespace Spawner.Posix;

/// <summary>The fields of <c>struct statx</c> that are used; the layout is the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    /// <summary>Type, mode, owner and size, in the mask of <c>statx</c>.</summary>
    public const uint BasicMask = 0x7ff;

    private const int TypeMask = 0xf000;

    [FieldOffset(20)]
    public uint User;

    [FieldOffset(24)]
    public uint Group;

    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(40)]
    public ulong Size;

    public readonly bool IsSocket => (Mode & TypeMask) == 0xc000;

    public readonly bool IsRegularFile => (Mode & TypeMask) == 0x8000;

    /// <summary>A named pipe.</summary>
    public readonly bool IsPipe => (Mode & TypeMask) == 0x1000;

    public readonly bool IsDirectory => (Mode & TypeMask) == 0x4000;
}
