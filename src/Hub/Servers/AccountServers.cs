using Hub.Accounts;
using Hub.Http;

namespace Hub.Servers;

/// <summary>Tells accounts what they show of users' servers.</summary>
internal sealed class AccountServers(ServerRegistry registry) : IUserServers
{
    public IReadOnlyDictionary<string, ServerModel> Of(string userName, bool includeStopped)
    {
        if (registry.Find(userName) is var (server, phase))
            return new Dictionary<string, ServerModel> { [""] = Model(userName, server, phase) };
        return includeStopped ? new Dictionary<string, ServerModel> { [""] = Model(userName, null, ServerPhase.Stopped) } : [];
    }

    public IReadOnlyCollection<string> ActiveUsers() => [.. registry.List().Select(server => server.UserName)];

    public int CountRunning(string userName) => registry.CountRunning(userName);

    public async Task<bool> StopAllAsync(string userName, CancellationToken cancellationToken)
    {
        await registry.StopAsync(userName, cancellationToken);
        return true;
    }

    private static ServerModel Model(string userName, UserServer? server, ServerPhase phase) => new()
    {
        Name = "",
        FullName = userName + "/",
        LastActivity = server is null ? null : ApiTime.Format(server.LastActivity),
        Started = server is null ? null : ApiTime.Format(server.Started),
        Pending = phase == ServerPhase.Stopping ? "stop" : null,
        Ready = phase == ServerPhase.Running,
        Stopped = phase == ServerPhase.Stopped,
        Url = UserUrl.Of(userName),
        ProgressUrl = $"/hub/api/users/{Uri.EscapeDataString(userName)}/server/progress",
    };
}
