namespace Spawner;

/// <summary>Reads an exit status as shells and container engines give it: above 128 it is 128 and the number of a signal (pure).</summary>
internal static class ExitStatus
{
    private const int FirstSignal = 129, LastSignal = 128 + 64;

    public static KernelExit Read(int status, string logTail) => status is >= FirstSignal and <= LastSignal
        ? new KernelExit(KernelExitCause.Signalled, status, status - 128, logTail)
        : new KernelExit(KernelExitCause.Exited, status, null, logTail);
}
