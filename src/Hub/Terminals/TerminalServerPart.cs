using Hub.Http;
using Hub.Servers;

namespace Hub.Terminals;

/// <summary>Terminals end with the server they run for; they count nowhere as kernels.</summary>
internal sealed class TerminalServerPart(TerminalRegistry terminals) : IServerPart
{
    public Task StopAllAsync(ServerKey server, CancellationToken cancellationToken) => terminals.EndAllAsync(server);

    public int CountRunning(string userName) => 0;
}
