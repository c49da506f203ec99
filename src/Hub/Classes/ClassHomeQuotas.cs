using Hub.Contents.Quotas;

namespace Hub.Classes;

/// <summary>What the homes of a class' members may hold, teachers included, until the class is ended: after its lessons, too, what was made in them can be saved.</summary>
internal sealed partial class ClassHomeQuotas(ClassesStore classes, ILogger<ClassHomeQuotas> logger) : IHomeQuotaSource
{
    public async Task<IReadOnlyDictionary<string, long>?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await classes.FindHomeQuotasAsync(cancellationToken);
        }
        catch (Exception away) when (away is not OperationCanceledException)
        {
            LogUnknown(away);
            return null;
        }
    }

    [LoggerMessage(613, LogLevel.Warning, "What classes say of their members' homes is not known for the moment; what was known last holds")]
    private partial void LogUnknown(Exception failure);
}
