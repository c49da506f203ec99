using System.Globalization;
using Spawner;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>Puts into words why a kernel is no more or never was: one word for programs, one text for people with what to try.</summary>
internal static class KernelDiagnosis
{
    /// <summary>A running kernel ended.</summary>
    public static (string Cause, string Message) OfDeath(KernelExit exit, ResourceLimits limits) => exit.Cause switch
    {
        KernelExitCause.OutOfMemory => ("out_of_memory",
            $"The kernel was ended because it needed more memory than it may have{Memory(limits)}. Restart it and use less at once: fewer rows, smaller types, deleted variables; or ask for an environment with more memory."),
        KernelExitCause.Signalled when exit.Signal == 9 => ("killed",
            "The kernel was killed (signal 9, SIGKILL). Somebody ended it from outside, or the machine ran out of memory. Restart it; if it happens again, tell your administrator."),
        KernelExitCause.Signalled when exit.Signal == 11 => ("signal",
            "The kernel crashed (signal 11, SIGSEGV): native code of a library did something impossible. Restart it, then run the cells one by one to find the one that crashes."),
        KernelExitCause.Signalled => ("signal", string.Create(CultureInfo.InvariantCulture, $"The kernel was ended by signal {exit.Signal}. Restart it to go on.")),
        KernelExitCause.Exited when exit.Code == 0 => ("exited", "The kernel ended by itself: the program called for its own end, for example with exit or quit. Restart it to go on."),
        KernelExitCause.Exited => ("exited", string.Create(CultureInfo.InvariantCulture, $"The kernel ended by itself with exit code {exit.Code}. Restart it; if it happens again, look at the last cell that ran.")),
        KernelExitCause.EngineStopped => ("engine_stopped",
            "The kernel was ended because the container engine of this hub was stopped or restarted. What your notebook shows is kept; restart the kernel to go on. Administrators: the engine's live-restore keeps kernels alive."),
        KernelExitCause.Removed => ("removed", "The kernel was removed from outside of the hub: somebody stopped its container or process. Restart it to go on."),
        _ => ("stopped", "The kernel was stopped. Restart it to go on."),
    };

    /// <summary>A kernel ended before it had answered.</summary>
    public static KernelStartException OfEarlyExit(KernelExit exit, string specName, ResourceLimits limits)
    {
        string how = exit.Cause switch
        {
            KernelExitCause.OutOfMemory => "the memory limit ended it",
            KernelExitCause.Signalled => string.Create(CultureInfo.InvariantCulture, $"signal {exit.Signal} ended it"),
            KernelExitCause.EngineStopped => "the container engine was stopped",
            KernelExitCause.Removed => "it was removed from outside",
            _ => string.Create(CultureInfo.InvariantCulture, $"exit code {exit.Code}"),
        };
        (string cause, string advice) = exit.Cause == KernelExitCause.OutOfMemory
            ? ("out_of_memory", $"The kernel needs more memory to start than it may have{Memory(limits)}. Choose an environment with more memory, or ask your administrator.")
            : ("exited_early", $"The kernel '{specName}' ended while it was starting ({how}). Try again or choose another kernel; if it happens again, tell your administrator: the log of the hub has the kernel's last words.");
        return new KernelStartException(cause, advice, $"{how}; its last words: {(exit.LogTail.Length == 0 ? "(none)" : exit.LogTail)}");
    }

    /// <summary>It runs, but never answered as a kernel does.</summary>
    public static KernelStartException OfSilence(TimeoutException timeout, string specName, TimeSpan waited, Func<KernelFaultKind, long> faults, string logTail)
    {
        List<string> wrong = [];
        foreach (KernelFaultKind kind in Enum.GetValues<KernelFaultKind>())
        {
            if (faults(kind) > 0)
                wrong.Add($"{NameOf(kind)} ({faults(kind)})");
        }

        string seconds = waited.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        string said = wrong.Count == 0
            ? $"The kernel '{specName}' was started but did not answer within {seconds} seconds ({KernelsOptions.Section}:{nameof(KernelsOptions.StartTimeout)}). The machine may be busy: try again in a minute."
            : $"The kernel '{specName}' was started but what it says is not understood: {string.Join(", ", wrong)}. It does not speak the Jupyter protocol as it should; choose another kernel.";
        return new KernelStartException(wrong.Count == 0 ? "timeout" : "garbage", said, $"{timeout.Message} Its last words: {(logTail.Length == 0 ? "(none)" : logTail)}", timeout);
    }

    /// <summary>The spawner refused or failed.</summary>
    public static KernelStartException Of(SpawnException failed) => new(failed.Failure switch
    {
        SpawnFailure.ImageMissing => "image_missing",
        SpawnFailure.CommandNotFound => "command_not_found",
        SpawnFailure.ExitedEarly => "exited_early",
        SpawnFailure.OutOfMemory => "out_of_memory",
        SpawnFailure.Timeout => "timeout",
        SpawnFailure.EngineUnavailable => "engine_unavailable",
        SpawnFailure.InvalidRequest => "invalid_request",
        _ => "unknown",
    }, failed.UserMessage, failed.Message, failed);

    /// <summary>What a dropped message was, for <see cref="LiveKernel.Reason"/>.</summary>
    public static string NameOf(KernelFaultKind kind) => kind switch
    {
        KernelFaultKind.BadSignature => "messages with a wrong signature",
        KernelFaultKind.LimitExceeded => "messages beyond a limit",
        KernelFaultKind.BrokenTransport => "broken ZeroMQ connections",
        KernelFaultKind.NoDelimiter or KernelFaultKind.TooFewFrames => "frames that are no Jupyter message",
        _ => "messages with a broken header",
    };

    private static string Memory(ResourceLimits limits) =>
        limits.MemoryBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $" ({bytes / 1048576.0:0} MiB)") : "";
}
