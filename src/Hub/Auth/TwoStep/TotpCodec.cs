using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Hub.Auth.TwoStep;

/// <summary>
/// One-time codes by the clock (RFC 6238): six digits, HMAC-SHA-1, a new one every 30 seconds, since that is what every app understands; others ignore what
/// else an address may ask for.
/// </summary>
internal static class TotpCodec
{
    public const int Digits = 6;

    /// <summary>Bytes of a secret: as many as the hash has (RFC 4226 § 4).</summary>
    public const int SecretBytes = 20;

    private const int StepSeconds = 30;

    /// <summary>Steps that the clock of a phone may be off, either way (RFC 6238 § 5.2).</summary>
    private const int Skew = 1;

    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of a step (RFC 4226 § 5.3).</summary>
    public static string Code(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[20];
#pragma warning disable CA5350 // what the standard and the apps use; HMAC does not need a hash without collisions
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        int offset = hash[^1] & 15;
        int number = BinaryPrimitives.ReadInt32BigEndian(hash[offset..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step whose code this is, among those around now and behind <paramref name="lastStep"/>; null when it is none of them, or was used already.</summary>
    public static long? Match(ReadOnlySpan<byte> secret, string code, DateTimeOffset now, long lastStep)
    {
        byte[] written = Encoding.UTF8.GetBytes(code);
        long? found = null;
        // All are compared, so that the time it takes says nothing.
        for (long step = StepAt(now) - Skew; step <= StepAt(now) + Skew; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Code(secret, step)), written) && step > lastStep)
                found = step;
        }
        return found;
    }

    /// <summary>What an app reads from the picture (the format is described with Google Authenticator, and all follow it).</summary>
    public static string Address(string hubName, string userName, ReadOnlySpan<byte> secret)
    {
        string issuer = Uri.EscapeDataString(hubName);
        return $"otpauth://totp/{issuer}:{Uri.EscapeDataString(userName)}?secret={Base32Codec.Encode(secret)}&issuer={issuer}";
    }
}
