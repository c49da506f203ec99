namespace Hub.Accounts;

/// <summary>A hub in which nobody has a server; stands until a room that keeps servers is registered.</summary>
internal sealed class NoServers : IUserServers
{
    private static readonly Dictionary<string, ServerModel> None = [];

    public IReadOnlyDictionary<string, ServerModel> Of(string userName, bool includeStopped) => None;

    public IReadOnlyCollection<string> ActiveUsers() => [];

    public int CountRunning(string userName) => 0;

    public Task<bool> StopAllAsync(string userName, CancellationToken cancellationToken) => Task.FromResult(true);
}
