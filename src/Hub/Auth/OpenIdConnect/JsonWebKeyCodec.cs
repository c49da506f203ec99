using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Reads a provider's key set (<see href="https://www.rfc-editor.org/rfc/rfc7517#section-5">RFC 7517 § 5</see>,
/// <see href="https://www.rfc-editor.org/rfc/rfc7518#section-6">RFC 7518 § 6</see>). Keys of kinds we do not use, symmetric ones above all, are passed
/// over, as the RFC asks; weak ones too.
/// </summary>
public static class JsonWebKeyCodec
{
    /// <summary>RFC 7518 § 3.3.</summary>
    private const int LeastRsaBytes = 2048 / 8;

    /// <summary>Verifying takes time by the square of this.</summary>
    private const int MostRsaBytes = 8192 / 8;

    private const int MostExponentBytes = 8;

    private static readonly Dictionary<string, (ECCurve Curve, int Bytes)> Curves = new(StringComparer.Ordinal)
    {
        ["P-256"] = (ECCurve.NamedCurves.nistP256, 32),
        ["P-384"] = (ECCurve.NamedCurves.nistP384, 48),
        ["P-521"] = (ECCurve.NamedCurves.nistP521, 66),
    };

    /// <summary>The keys that may have signed something.</summary>
    /// <exception cref="InvalidDataException">It is no key set, or has more than <paramref name="most"/> keys.</exception>
    public static IReadOnlyList<SigningKey> Parse(ReadOnlySpan<byte> json, int most)
    {
        JsonArray listed;
        try
        {
            listed = JsonNode.Parse(json)?["keys"] as JsonArray ?? throw new InvalidDataException("the key set has no list of keys");
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("the key set is no JSON object");
        }
        if (listed.Count > most)
            throw new InvalidDataException($"the key set has more than {most} keys (MaxKeys)");
        return [.. listed.OfType<JsonObject>().Select(Read).OfType<SigningKey>()];
    }

    private static SigningKey? Read(JsonObject key)
    {
        if (JwtCodec.Text(key, "use") is not (null or "sig"))
            return null;
        if (key["key_ops"] is JsonArray uses && !uses.Any(use => use is JsonValue value && value.TryGetValue(out string? text) && text == "verify"))
            return null;
        string? id = JwtCodec.Text(key, "kid");
        string? algorithm = JwtCodec.Text(key, "alg");
        return JwtCodec.Text(key, "kty") switch
        {
            "RSA" when RsaOf(key) is { } rsa => new SigningKey(id, algorithm, rsa, null),
            "EC" when CurveOf(key) is { } curve => new SigningKey(id, algorithm, null, curve),
            _ => null,
        };
    }

    private static RSAParameters? RsaOf(JsonObject key)
    {
        byte[]? modulus = Number(key, "n");
        byte[]? exponent = Number(key, "e");
        if (modulus is null || exponent is null || modulus.Length is < LeastRsaBytes or > MostRsaBytes || exponent.Length is 0 or > MostExponentBytes)
            return null;
        return new RSAParameters { Modulus = modulus, Exponent = exponent };
    }

    private static ECParameters? CurveOf(JsonObject key)
    {
        if (!Curves.TryGetValue(JwtCodec.Text(key, "crv") ?? "", out (ECCurve Curve, int Bytes) curve))
            return null;
        byte[]? x = Bytes(key, "x");
        byte[]? y = Bytes(key, "y");
        if (x?.Length != curve.Bytes || y?.Length != curve.Bytes)
            return null;
        return new ECParameters { Curve = curve.Curve, Q = new ECPoint { X = x, Y = y } };
    }

    /// <summary>A number without the zeros before it, which some providers write and which the framework would count.</summary>
    private static byte[]? Number(JsonObject key, string name) => Bytes(key, name) is { } bytes ? bytes.AsSpan().TrimStart((byte)0).ToArray() : null;

    private static byte[]? Bytes(JsonObject key, string name)
    {
        try
        {
            return JwtCodec.Text(key, name) is { } text ? Base64Url.DecodeFromChars(text) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
