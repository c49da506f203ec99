using Hub.KernelSpecs;
using Microsoft.Extensions.Options;

namespace Hub.Classes;

/// <summary>
/// What holds for a student now, by the class that runs: their default environment and limits. While the database is away there is no class to know of, and
/// the hub's own rules hold: kernels never wait for the database.
/// </summary>
public sealed partial class ClassRules(ClassesStore classes, EnvironmentAccess access, IOptions<ClassesOptions> options, ILogger<ClassRules> logger) : IUserEnvironment
{
    /// <summary>The class; null for whoever is in none that runs, and for teachers.</summary>
    public async Task<Class?> FindRunningAsync(string userName, CancellationToken cancellationToken)
    {
        try
        {
            return await classes.FindRunningOfAsync(userName, cancellationToken);
        }
        catch (Exception away) when (away is not OperationCanceledException)
        {
            LogUnknown(away, userName);
            return null;
        }
    }

    /// <summary>Of the students of classes that say so: after what time without use their kernels are stopped. Null while the database is away.</summary>
    public async Task<IReadOnlyDictionary<string, TimeSpan>?> FindIdleTimesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await classes.FindIdleTimesAsync(cancellationToken);
        }
        catch (Exception away) when (away is not OperationCanceledException)
        {
            LogIdleTimesUnknown(away);
            return null;
        }
    }

    /// <summary>What classes that open soon, or have just opened, want to be ready. Null while the database is away.</summary>
    public async Task<IReadOnlyList<ReadyWish>?> FindReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await classes.FindReadyAsync(TimeSpan.FromMinutes(options.Value.ReadyBeforeMinutes), TimeSpan.FromMinutes(options.Value.ReadyAfterMinutes), cancellationToken);
        }
        catch (Exception away) when (away is not OperationCanceledException)
        {
            LogReadyUnknown(away);
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<string?> FindAsync(string userName, CancellationToken cancellationToken) =>
        await FindRunningAsync(userName, cancellationToken) is { Environment.Length: > 0 } running ? SpecOf(running, await access.OfAsync(userName, cancellationToken)) : null;

    /// <summary>The class' environment, if it has one and the hub still offers it to the student: a class gives nobody what is for other groups.</summary>
    public string? SpecOf(Class? running, EnvironmentOffer offer) => running is { Environment.Length: > 0 } ? offer.Find(running.Environment)?.Name : null;

    [LoggerMessage(611, LogLevel.Warning, "Which classes say when idle kernels are stopped is not known for the moment; what was known last holds")]
    private partial void LogIdleTimesUnknown(Exception failure);

    [LoggerMessage(612, LogLevel.Warning, "Which classes want kernels to be ready is not known for the moment; what was known last holds")]
    private partial void LogReadyUnknown(Exception failure);

    [LoggerMessage(607, LogLevel.Warning, "The class of {User} is not known for the moment; the hub's own environment and limits hold")]
    private partial void LogUnknown(Exception failure, string user);
}
