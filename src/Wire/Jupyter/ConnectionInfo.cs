namespace Wire.Jupyter;

/// <summary>Where a kernel listens and how its messages are signed: the connection file (messaging spec, "Connection files").</summary>
/// <param name="Transport"><c>tcp</c> or <c>ipc</c>.</param>
/// <param name="Ip">tcp: the address; ipc: the path prefix to which <c>-{port}</c> is appended.</param>
/// <param name="Key">Text whose UTF-8 bytes key the HMAC; empty switches signing off.</param>
/// <param name="SignatureScheme"><c>hmac-sha256</c> unless a kernel says otherwise.</param>
public sealed record ConnectionInfo(
    string Transport,
    string Ip,
    int ShellPort,
    int ControlPort,
    int IOPubPort,
    int StdinPort,
    int HeartbeatPort,
    string Key,
    string SignatureScheme = "hmac-sha256");
