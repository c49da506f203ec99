using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Hub.Accounts;

/// <summary>Unguessable strings: 256 random bits, kept as their SHA-256. That many bits need no slow hash and no salt.</summary>
public static class Secret
{
    private const int Bytes = 32;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What the database keeps, in lower-case hexadecimal.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
