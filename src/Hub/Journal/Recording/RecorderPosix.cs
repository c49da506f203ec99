using System.Runtime.InteropServices;

namespace Hub.Journal.Recording;

/// <summary>The two calls of the operating system that .NET does not offer.</summary>
internal static partial class RecorderPosix
{
    /// <summary>Leaves the session of whoever started this process, so that a signal to its terminal is not for us. No error when it cannot.</summary>
    public static void LeaveSession() => _ = SetSid();

    /// <summary>Sets which permissions new files do not get; returns what was set before.</summary>
    public static int SetMask(int mask) => Umask(mask);

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int SetSid();

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial int Umask(int mask);
}
