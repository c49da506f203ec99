using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Hub.Http;

/// <summary>Where the hub listens; known once it does.</summary>
public sealed class HubAddress(IServer server)
{
    private static readonly string[] Everywhere = ["://0.0.0.0", "://[::]", "://+", "://*"];

    /// <summary>As a browser on this machine reaches it, such as <c>http://localhost:8000</c>; without a slash at its end.</summary>
    public string ForThisMachine()
    {
        string address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost";
        return Everywhere.Aggregate(address, (known, every) => known.Replace(every, "://localhost", StringComparison.Ordinal)).TrimEnd('/');
    }
}
