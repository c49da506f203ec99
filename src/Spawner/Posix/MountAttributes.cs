using System.Runtime.InteropServices;

namespace Spawner.Posix;

/// <summary>struct mount_attr of mount_setattr(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MountAttributes
{
    public const ulong NoSetUserId = 0x2;
    public const ulong NoDevices = 0x4;
    public const ulong IdMap = 0x100000;

    /// <summary>MS_PRIVATE: what is mounted below stays here.</summary>
    public const ulong Private = 1 << 18;

    /// <summary>MS_SHARED: what is mounted below is seen wherever this mount is.</summary>
    public const ulong Shared = 1 << 20;

    public ulong Set;

    public ulong Clear;

    public ulong Propagation;

    /// <summary>Descriptor of the user namespace whose map applies, with <see cref="IdMap"/>.</summary>
    public ulong UserNamespace;
}
