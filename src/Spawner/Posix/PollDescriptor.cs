using System.Runtime.InteropServices;

namespace Spawner.Posix;

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    /// <summary>POLLIN.</summary>
    public const short Readable = 1;

    /// <summary>Negative ones are passed over.</summary>
    public int Descriptor;

    public short Wanted;

    public short Happened;
}
