namespace Hub.Contents.Quotas;

/// <summary>Who says that some people's homes may hold more than <c>Homes:QuotaBytes</c>.</summary>
public interface IHomeQuotaSource
{
    /// <summary>Bytes by user name; whoever is not in it gets nothing from this source. Asked every few seconds.</summary>
    /// <returns>Null while it cannot be known; what was known last holds.</returns>
    Task<IReadOnlyDictionary<string, long>?> FindAsync(CancellationToken cancellationToken);
}
