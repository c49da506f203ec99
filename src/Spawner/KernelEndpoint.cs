namespace Spawner;

/// <summary>Where a started kernel listens, in the words of the connection file; the hub turns it into its own connection.</summary>
/// <param name="Transport"><c>ipc</c> (Unix sockets) or <c>tcp</c>.</param>
/// <param name="Ip">ipc: path prefix as the hub sees it; tcp: address the hub connects to.</param>
/// <param name="Key">HMAC key shared with the kernel.</param>
public sealed record KernelEndpoint(
    string Transport,
    string Ip,
    int ShellPort,
    int ControlPort,
    int IOPubPort,
    int StdinPort,
    int HeartbeatPort,
    string Key);
