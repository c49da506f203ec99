namespace Spawner;

/// <summary>Why a kernel that ended before it listened failed, in the words of <see cref="SpawnFailure"/> (pure).</summary>
internal static class EarlyEnd
{
    private const int MaxQuote = 300;

    public static SpawnException Explain(SpawnRequest request, KernelExit exit)
    {
        string name = request.KernelSpecName;
        string operatorText = $"Kernelspec {name}: ended during the start ({exit.Cause}, exit code {exit.Code?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"}).";
        (SpawnFailure failure, string userText) = exit switch
        {
            { Cause: KernelExitCause.OutOfMemory } => (SpawnFailure.OutOfMemory,
                $"The kernel \"{name}\" needed more memory to start than it may use. Ask the administrator for a higher limit."),
            // 126 and 127 are what a shell says when exec fails (POSIX, 2.8.2).
            { Code: 126 or 127 } => (SpawnFailure.CommandNotFound,
                $"The program of the kernel \"{name}\" ({request.Command[0]}) is not installed or cannot be run. Choose another kernel or tell the administrator."),
            { Cause: KernelExitCause.Removed } => (SpawnFailure.ExitedEarly,
                $"The kernel \"{name}\" was removed from outside while it started. Try again."),
            _ => (SpawnFailure.ExitedEarly,
                $"The kernel \"{name}\" ended while it started{Quote(exit.LogTail)}. Try again; if it happens again, tell the administrator."),
        };
        return new SpawnException(failure, userText, operatorText) { LogTail = exit.LogTail };
    }

    public static SpawnException TooSlow(SpawnRequest request, int seconds, string option, string logTail) => new(
        SpawnFailure.Timeout,
        $"The kernel \"{request.KernelSpecName}\" did not start within {seconds} seconds. The machine may be busy: try again in a moment.",
        $"Kernelspec {request.KernelSpecName}: no sockets within {seconds} s ({option}).")
    {
        LogTail = logTail,
    };

    /// <summary>The last line says most: it is where Python and R put the error itself.</summary>
    private static string Quote(string log)
    {
        string? line = log.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        if (line is null) return "";
        return $"; its last words were: {(line.Length <= MaxQuote ? line : line[..MaxQuote] + "…")}";
    }
}
