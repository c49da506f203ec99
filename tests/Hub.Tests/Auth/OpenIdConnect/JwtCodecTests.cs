using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Hub.Auth.OpenIdConnect;
using Xunit;

namespace Hub.Tests.Auth.OpenIdConnect;

/// <summary>Taking tokens apart.</summary>
public sealed class JwtCodecTests
{
    [Fact]
    public void A_token_of_the_standard_is_read()
    {
        // RFC 7515, appendix A.2.
        Jwt token = JwtCodec.Parse(
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            4096);
        Assert.Equal("RS256", token.Algorithm);
        Assert.Null(token.KeyId);
        Assert.Equal("joe", JwtCodec.Text(token.Claims, "iss"));
        SigningKey key = Assert.Single(JsonWebKeyCodec.Parse(
            """{"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}]}"""u8,
            10));
        Assert.Equal(SignatureVerdict.Good, SignaturePolicy.Check(token, [key], []));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("e30.e30.e30")] // no alg
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AA==")] // padding
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30 .AAAA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.A")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.W10.AAAA")] // a list
    [InlineData("eyJhbGciOiJSUzI1NiJ9.bnVsbA.AAAA")] // null
    [InlineData("eyJhbGciOiJSUzI1NiIsImFsZyI6Im5vbmUifQ.e30.AAAA")] // alg twice
    [InlineData("eyJhbGciOjF9.e30.AAAA")] // alg a number
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AAAA.AAAA")]
    public void What_is_no_such_token_is_refused(string token) => Assert.Throws<InvalidDataException>(() => JwtCodec.Parse(token, 4096));

    [Fact]
    public void Whatever_comes_is_read_or_refused() => Prop.ForAll<string[]>(parts =>
    {
        try
        {
            JwtCodec.Parse(string.Join('.', parts.Select(part => part is null ? "" : System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(part)))), 4096);
        }
        catch (InvalidDataException)
        {
            // the promise
        }
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public void Each_algorithm_is_checked_and_only_with_keys_of_its_kind(string algorithm)
    {
        using ProviderKey rsa = ProviderKey.UsualRsa("rsa");
        using ProviderKey p256 = ProviderKey.NewCurve("p256", System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using ProviderKey p384 = ProviderKey.NewCurve("p384", System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        using ProviderKey p521 = ProviderKey.NewCurve("p521", System.Security.Cryptography.ECCurve.NamedCurves.nistP521);
        ProviderKey right = algorithm switch { "ES256" => p256, "ES384" => p384, "ES512" => p521, _ => rsa };
        IReadOnlyList<SigningKey> all = Keys(rsa, p256, p384, p521);
        Jwt token = JwtCodec.Parse(right.Sign(new JsonObject { ["a"] = 1 }, algorithm), 4096);
        Assert.Equal(SignatureVerdict.Good, SignaturePolicy.Check(token, all, []));
        Assert.Equal(SignatureVerdict.Good, SignaturePolicy.Check(token with { KeyId = null }, all, [algorithm]));
        Assert.Equal(SignatureVerdict.Bad, SignaturePolicy.Check(token, all, ["none"]));
        Assert.Equal(SignatureVerdict.UnknownKey, SignaturePolicy.Check(token with { KeyId = "other" }, all, []));
        foreach (ProviderKey wrong in new[] { rsa, p256, p384, p521 }.Where(key => key != right))
            Assert.Equal(SignatureVerdict.Bad, SignaturePolicy.Check(token with { KeyId = wrong.Id }, all, []));
        byte[] forged = token.Signature.ToArray();
        forged[^1] ^= 1;
        Assert.Equal(SignatureVerdict.Bad, SignaturePolicy.Check(token with { Signature = forged }, all, []));
        // A key that says what it is for is for nothing else.
        List<SigningKey> forOther = [.. all.Select(key => key with { Algorithm = algorithm == "RS256" ? "PS256" : "RS256" })];
        Assert.Equal(SignatureVerdict.Bad, SignaturePolicy.Check(token, forOther, []));
    }

    [Theory]
    [InlineData("""{"kty":"oct","k":"c2VjcmV0"}""")]
    [InlineData("""{"kty":"RSA","n":"AQAB","e":"AQAB"}""")]
    [InlineData("""{"kty":"RSA","e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"AA"}""")]
    [InlineData("""{"kty":1}""")]
    [InlineData("1")]
    public void Keys_we_do_not_use_are_passed_over(string key) =>
        Assert.Empty(JsonWebKeyCodec.Parse(System.Text.Encoding.UTF8.GetBytes($$"""{"keys":[{{key}}]}"""), 10));

    [Theory]
    [InlineData("use", "\"enc\"")]
    [InlineData("key_ops", "[\"encrypt\"]")]
    public void Keys_for_something_else_are_passed_over(string name, string value)
    {
        using ProviderKey rsa = ProviderKey.UsualRsa("rsa");
        JsonObject key = rsa.Public();
        key[name] = JsonNode.Parse(value);
        Assert.Empty(JsonWebKeyCodec.Parse(System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["keys"] = new JsonArray(key) }.ToJsonString()), 10));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"keys\":{}}")]
    [InlineData("{\"keys\":[{},{},{}]}")]
    [InlineData("not json")]
    public void What_is_no_key_set_or_too_long_a_one_is_refused(string json) =>
        Assert.Throws<InvalidDataException>(() => JsonWebKeyCodec.Parse(System.Text.Encoding.UTF8.GetBytes(json), 2));

    private static IReadOnlyList<SigningKey> Keys(params ProviderKey[] keys) =>
        JsonWebKeyCodec.Parse(System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => key.Public())]) }.ToJsonString()), 10);
}
