using System.Collections.ObjectModel;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Http;

namespace Hub.Servers;

/// <summary>Tells accounts what they show of users' servers.</summary>
internal sealed class AccountServers(ServerRegistry registry) : IUserServers
{
    public IReadOnlyDictionary<string, ServerModel> Of(string userName, bool includeStopped)
    {
        IReadOnlyList<(UserServer, ServerPhase)> servers = registry.ListOf(userName);
        if (servers.Count == 0 && !includeStopped)
            return ReadOnlyDictionary<string, ServerModel>.Empty;
        Dictionary<string, ServerModel> models = [];
        if (includeStopped)
            models[""] = Model(ServerKey.Default(userName), null, ServerPhase.Stopped);
        foreach ((UserServer server, ServerPhase phase) in servers)
        {
            if (includeStopped || phase != ServerPhase.Stopped)
                models[server.Name] = Model(server.Key, server, phase);
        }
        return models;
    }

    public IReadOnlyCollection<string> ActiveUsers() => [.. registry.List().Select(server => server.UserName).Distinct()];

    public int CountRunning(string userName) => registry.CountRunning(userName);

    public async Task<bool> StopAllAsync(string userName, CancellationToken cancellationToken)
    {
        await registry.StopAllAsync(userName, cancellationToken);
        return true;
    }

    private static ServerModel Model(ServerKey key, UserServer? server, ServerPhase phase) => new()
    {
        Name = key.Name,
        DisplayName = server?.DisplayName ?? "",
        FullName = key.ToString(),
        LastActivity = server is null ? null : ApiTime.Format(server.LastActivity),
        Started = server is null || phase == ServerPhase.Stopped ? null : ApiTime.Format(server.Started),
        Pending = phase == ServerPhase.Stopping ? "stop" : null,
        Ready = phase == ServerPhase.Running,
        Stopped = phase == ServerPhase.Stopped,
        Url = UserUrl.Of(key),
        UserOptions = server is null ? [] : JsonNode.Parse(server.UserOptions) as JsonObject ?? [],
        ProgressUrl = $"/hub/api/users/{Uri.EscapeDataString(key.UserName)}/{(key.IsDefault ? "server" : "servers/" + Uri.EscapeDataString(key.Name))}/progress",
    };
}
