using System.Globalization;
using System.Security.Cryptography;
using Hub.Accounts;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Hub.Auth.TwoStep;

/// <summary>
/// Seals, with the hub's protection keys, which lie outside the database: the secrets it keeps; what a page holds between the password and the code; and the
/// secret a page offers before somebody confirmed it.
/// </summary>
public sealed class TwoStepSeals(IDataProtectionProvider protection, IOptions<AuthOptions> options)
{
    private readonly IDataProtector _kept = protection.CreateProtector("Hub.Auth.TwoStep", "secret");
    private readonly ITimeLimitedDataProtector _tickets = protection.CreateProtector("Hub.Auth.TwoStep", "ticket").ToTimeLimitedDataProtector();
    private readonly ITimeLimitedDataProtector _offers = protection.CreateProtector("Hub.Auth.TwoStep", "offer").ToTimeLimitedDataProtector();

    private TimeSpan Lifetime => TimeSpan.FromMinutes(options.Value.SecondStepMinutes);

    /// <summary>For the database. The user's number is in it, so a row is worth nothing under another's.</summary>
    public string Seal(long userId, byte[] secret) => _kept.Protect(Written(userId, Convert.ToHexString(secret)));

    /// <summary>Null when it is somebody else's, or the keys are others now.</summary>
    public byte[]? Open(long userId, string kept) => Read(_kept.Unprotect, kept, userId) is { } secret ? Convert.FromHexString(secret) : null;

    /// <summary>Says that the password was right just now, and is worth nothing once it changed.</summary>
    public string Ticket(User user) => _tickets.Protect($"{user.SecurityStamp} {user.Name}", Lifetime);

    /// <summary>Whose ticket it is; null when it has run out or is none.</summary>
    public (string SecurityStamp, string UserName)? OpenTicket(string ticket)
    {
        try
        {
            return _tickets.Unprotect(ticket).Split(' ', 2) is [var stamp, var name] ? (stamp, name) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public string Offer(long userId, byte[] secret) => _offers.Protect(Written(userId, Convert.ToHexString(secret)), Lifetime * 4);

    public byte[]? OpenOffer(long userId, string offer) => Read(_offers.Unprotect, offer, userId) is { } secret ? Convert.FromHexString(secret) : null;

    private static string Written(long userId, string text) => string.Create(CultureInfo.InvariantCulture, $"{userId} {text}");

    private static string? Read(Func<string, string> open, string text, long userId)
    {
        try
        {
            return open(text).Split(' ', 2) is [var whose, var rest] && whose == userId.ToString(CultureInfo.InvariantCulture) ? rest : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
