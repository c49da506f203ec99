namespace Hub.Journal;

/// <summary>What the journals tell the operator.</summary>
internal sealed partial class JournalSay(ILogger logger)
{
    public void Failing(string kernelId, Exception refused) => LogFailing(logger, refused, kernelId);

    public void Recovered(string kernelId) => LogRecovered(logger, kernelId);

    public void Dropped(string kernelId, long from, long to, string why) => LogDropped(logger, from, to, kernelId, why);

    public void Damaged(string kernelId, long from, long to) => LogDamaged(logger, from, to, kernelId);

    public void Cut(string kernelId, long bytes, long last) => LogCut(logger, kernelId, bytes, last);

    public void InMemory(string kernelId, Exception refused) => LogInMemory(logger, refused, kernelId);

    public void SweepFailed(Exception refused) => LogSweepFailed(logger, refused);

    [LoggerMessage(1100, LogLevel.Warning, "The disk does not take the journal of kernel {KernelId}; it goes on in memory and is tried again")]
    private static partial void LogFailing(ILogger logger, Exception refused, string kernelId);

    [LoggerMessage(1101, LogLevel.Information, "The disk takes the journal of kernel {KernelId} again")]
    private static partial void LogRecovered(ILogger logger, string kernelId);

    [LoggerMessage(1102, LogLevel.Information, "Entries {From} to {To} of the journal of kernel {KernelId} were dropped: {Why}")]
    private static partial void LogDropped(ILogger logger, long from, long to, string kernelId, string why);

    [LoggerMessage(1103, LogLevel.Error, "Entries {From} to {To} of the journal of kernel {KernelId} are damaged on disk and count as dropped")]
    private static partial void LogDamaged(ILogger logger, long from, long to, string kernelId);

    [LoggerMessage(1104, LogLevel.Information, "The journal of kernel {KernelId} ended with {Bytes} bytes of an unfinished record, which were cut; it goes on after {Last}")]
    private static partial void LogCut(ILogger logger, string kernelId, long bytes, long last);

    [LoggerMessage(1105, LogLevel.Error, "The journal of kernel {KernelId} cannot be opened on disk; it is kept in memory until the hub starts again")]
    private static partial void LogInMemory(ILogger logger, Exception refused, string kernelId);

    [LoggerMessage(1106, LogLevel.Warning, "Old journals could not be removed")]
    private static partial void LogSweepFailed(ILogger logger, Exception refused);
}
