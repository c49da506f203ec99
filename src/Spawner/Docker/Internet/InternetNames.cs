using System.Security.Cryptography;
using System.Text;

namespace Spawner.Docker.Internet;

/// <summary>What this hub calls its network and its rules, the same at each start (pure). Another hub on the machine has others.</summary>
/// <param name="Network">Of the engine.</param>
/// <param name="Bridge">The machine's interface; the system allows 15 letters.</param>
/// <param name="Table">Of nft, in the families <c>inet</c> and <c>bridge</c>.</param>
internal sealed record InternetNames(string Network, string Bridge, string Table)
{
    private const int IdLength = 12;

    public static InternetNames For(SpawnSite site)
    {
        // Such as SpawnSite makes them; one written by somebody else may be anything.
        string id = site.HubId.Length <= IdLength && site.HubId.All(char.IsAsciiLetterOrDigit)
            ? site.HubId
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(site.HubId)))[..IdLength];
        return new InternetNames($"nbh-{site.HubId}-internet", "nbh" + id, "notebook_hub_" + id);
    }
}
