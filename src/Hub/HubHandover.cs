namespace Hub;

/// <summary>What a hub that is to be replaced says of itself; its sockets come with it, in the order of their addresses.</summary>
/// <param name="Process">Its process id.</param>
/// <param name="Addresses">What it listens on, such as <c>127.0.0.1:8000</c>.</param>
internal sealed record HubHandover(string Version, int Process, IReadOnlyList<string> Addresses);
