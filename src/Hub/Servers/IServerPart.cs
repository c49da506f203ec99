using Hub.Http;

namespace Hub.Servers;

/// <summary>Whoever keeps something for a user's server, alive or not; stopping the server stops every part.</summary>
public interface IServerPart
{
    /// <summary>Ends everything this part runs for <paramref name="server"/>; returns when it is gone.</summary>
    Task StopAllAsync(ServerKey server, CancellationToken cancellationToken);

    /// <summary>Things alive for <paramref name="userName"/> now, in all of their servers.</summary>
    int CountRunning(string userName);

    /// <summary>The named server, which does not run, is forgotten for good: so is what was kept for it, since a new one of this name is another.</summary>
    Task RemovedAsync(long userId, ServerKey server, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The named server, which does not run, is called <paramref name="name"/> from now on.</summary>
    Task RenamedAsync(long userId, ServerKey server, string name, CancellationToken cancellationToken) => Task.CompletedTask;
}
