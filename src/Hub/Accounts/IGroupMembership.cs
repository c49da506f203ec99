namespace Hub.Accounts;

/// <summary>Whoever keeps groups is told which groups a sign-in provider says somebody is in.</summary>
public interface IGroupMembership
{
    /// <summary>
    /// Of the groups that come from <paramref name="source"/>, the user is in <paramref name="groups"/> and no others from now on. Groups that were filled
    /// here are not touched.
    /// </summary>
    /// <param name="source">Name of the provider.</param>
    /// <param name="groups">As the provider calls them; nothing about their alphabet is promised.</param>
    Task SetFromAsync(string source, long userId, IReadOnlyList<string> groups, CancellationToken cancellationToken);
}
