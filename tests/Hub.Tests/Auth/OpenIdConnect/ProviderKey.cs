using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Hub.Tests.Auth.OpenIdConnect;

/// <summary>A key a provider signs with, of either kind.</summary>
internal sealed class ProviderKey : IDisposable
{
    private static readonly Lazy<RSAParameters> s_usual = new(() =>
    {
        using RSA made = RSA.Create(2048);
        return made.ExportParameters(includePrivateParameters: true);
    });

    private readonly RSA? _rsa;
    private readonly ECDsa? _curve;

    private ProviderKey(string id, RSA? rsa, ECDsa? curve) => (Id, _rsa, _curve) = (id, rsa, curve);

    public string Id { get; }

    /// <summary>The same numbers each time: finding some takes longer than most tests.</summary>
    public static ProviderKey UsualRsa(string id) => new(id, RSA.Create(s_usual.Value), null);

    public static ProviderKey NewRsa(string id, int bits = 2048) => new(id, RSA.Create(bits), null);

    public static ProviderKey NewCurve(string id, ECCurve curve) => new(id, null, ECDsa.Create(curve));

    /// <summary>As a key set lists it.</summary>
    public JsonObject Public()
    {
        if (_rsa is not null)
        {
            RSAParameters rsa = _rsa.ExportParameters(false);
            return new JsonObject { ["kty"] = "RSA", ["kid"] = Id, ["use"] = "sig", ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent) };
        }
        ECParameters curve = _curve!.ExportParameters(false);
        string name = _curve.KeySize switch { 256 => "P-256", 384 => "P-384", _ => "P-521" };
        return new JsonObject { ["kty"] = "EC", ["kid"] = Id, ["crv"] = name, ["x"] = Base64Url.EncodeToString(curve.Q.X), ["y"] = Base64Url.EncodeToString(curve.Q.Y) };
    }

    /// <summary>The public key as a text file: what somebody would use as a shared secret who wants to fool HS256.</summary>
    public byte[] AsSecret() => Encoding.ASCII.GetBytes(_rsa!.ExportSubjectPublicKeyInfoPem());

    public string Sign(JsonObject claims, string algorithm = "RS256", JsonObject? header = null)
    {
        header ??= new JsonObject { ["alg"] = algorithm, ["kid"] = Id, ["typ"] = "JWT" };
        byte[] signed = Encoding.ASCII.GetBytes($"{Encode(header)}.{Encode(claims)}");
        return $"{Encoding.ASCII.GetString(signed)}.{Base64Url.EncodeToString(SignatureOf(signed, algorithm))}";
    }

    public static string Unsigned(JsonObject claims) => $"{Encode(new JsonObject { ["alg"] = "none" })}.{Encode(claims)}.";

    public string SignAsSecret(JsonObject claims)
    {
        string signed = $"{Encode(new JsonObject { ["alg"] = "HS256", ["kid"] = Id })}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(AsSecret(), Encoding.ASCII.GetBytes(signed)))}";
    }

    public void Dispose()
    {
        _rsa?.Dispose();
        _curve?.Dispose();
    }

    private byte[] SignatureOf(byte[] signed, string algorithm)
    {
        HashAlgorithmName hash = algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        return algorithm[0] switch
        {
            'R' => _rsa!.SignData(signed, hash, RSASignaturePadding.Pkcs1),
            'P' => _rsa!.SignData(signed, hash, RSASignaturePadding.Pss),
            _ => _curve!.SignData(signed, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        };
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
