namespace Hub.Accounts;

/// <summary>What accounts need to know of users' servers; the room that keeps the servers implements it.</summary>
public interface IUserServers
{
    /// <summary>The servers of a user by name, the default one under <c>""</c>; stopped ones only when asked for.</summary>
    IReadOnlyDictionary<string, ServerModel> Of(string userName, bool includeStopped);

    /// <summary>Names of the users with a server that runs or is about to.</summary>
    IReadOnlyCollection<string> ActiveUsers();

    /// <summary>How many kernels and the like run for a user now.</summary>
    int CountRunning(string userName);

    /// <summary>Stops all servers of a user; false when one is still stopping.</summary>
    Task<bool> StopAllAsync(string userName, CancellationToken cancellationToken);
}
