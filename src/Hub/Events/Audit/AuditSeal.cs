using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Hub.Events.Audit;

/// <summary>
/// Seals where the chain was cut, by the hub's keys, which are files and not in the database: who can write only there can cut nothing off and make it
/// look as if the hub had done it.
/// </summary>
internal sealed class AuditSeal(IDataProtectionProvider protection)
{
    private readonly IDataProtector _seal = protection.CreateProtector("Hub.Events.Audit", "cut");

    public string Of(long through, string hash) => _seal.Protect(Written(through, hash));

    /// <summary>False when it seals something else, or was made with keys that are not this hub's.</summary>
    public bool IsOf(string seal, long through, string hash)
    {
        try
        {
            return _seal.Unprotect(seal) == Written(through, hash);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static string Written(long through, string hash) => string.Create(CultureInfo.InvariantCulture, $"{through}:{hash}");
}
