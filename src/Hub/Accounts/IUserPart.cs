namespace Hub.Accounts;

/// <summary>Whoever keeps something under a user's name is told when the name changes or the user goes.</summary>
public interface IUserPart
{
    /// <summary>The user is called <paramref name="to"/> from now on; no server of theirs runs. Called after the database has changed.</summary>
    Task RenamedAsync(long userId, string from, string to, CancellationToken cancellationToken);

    /// <summary>The user is gone from the database. Files of value (the home) are kept for the operator.</summary>
    Task DeletedAsync(long userId, string userName, CancellationToken cancellationToken);
}
