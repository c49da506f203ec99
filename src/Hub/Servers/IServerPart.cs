namespace Hub.Servers;

/// <summary>Whoever keeps something alive for a user's server; stopping the server stops every part.</summary>
public interface IServerPart
{
    /// <summary>Ends everything this part runs for <paramref name="userName"/>; returns when it is gone.</summary>
    Task StopAllAsync(string userName, CancellationToken cancellationToken);

    /// <summary>Things alive for <paramref name="userName"/> now.</summary>
    int CountRunning(string userName);
}
