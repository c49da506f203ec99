using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Hub.Auth;

/// <summary>
/// Makes and checks what the <c>_xsrf</c> cookie holds. For a sign-in it follows from the sign-in's own secret, which no script and no other site can
/// read; for nobody in particular it is a random value sealed by the hub for an hour.
/// </summary>
public sealed class XsrfTokens(IDataProtectionProvider protection, TimeProvider time)
{
    private static readonly TimeSpan AnonymousLifetime = TimeSpan.FromHours(1);

    private readonly IDataProtector _seal = protection.CreateProtector("Hub.Auth.XsrfTokens", "anonymous");

    public static string OfSignIn(string signInSecret) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(signInSecret), "xsrf"u8));

    public string NewAnonymous() => _seal.Protect($"{time.GetUtcNow().ToUnixTimeSeconds()} {Accounts.Secret.New()}");

    /// <summary>Was <paramref name="token"/> made here within the last hour?</summary>
    public bool IsAnonymous(string token)
    {
        try
        {
            string[] parts = _seal.Unprotect(token).Split(' ');
            TimeSpan age = time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture));
            return age < AnonymousLifetime && age > -AnonymousLifetime;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Compares without telling by the time taken where the first difference is.</summary>
    public static bool Same(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
