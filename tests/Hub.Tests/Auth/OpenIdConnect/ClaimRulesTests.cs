using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Auth.OpenIdConnect;
using Xunit;

namespace Hub.Tests.Auth.OpenIdConnect;

/// <summary>What claims mean here: names, groups, who may come in, what an ID token must say.</summary>
public sealed class ClaimRulesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 4, 5, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("groups", "a,b")]
    [InlineData("realm_access.roles", "r")]
    [InlineData("resource_access.my.client.roles", "x")]
    [InlineData("https://school.example/groups", "u")]
    [InlineData("one", "1")]
    [InlineData("yes", "true")]
    [InlineData("realm_access", "")]
    [InlineData("realm_access.nothing", "")]
    [InlineData("", "")]
    [InlineData("..", "")]
    [InlineData("mixed", "a,2,true")]
    public void A_path_finds_what_is_there(string path, string expected)
    {
        JsonObject claims = JsonNode.Parse(
            """
            {"groups":["a","b"],"realm_access":{"roles":["r"]},"resource_access":{"my.client":{"roles":["x"]}},"https://school.example/groups":["u"],
             "one":1,"yes":true,"mixed":["a",2,true,null,{},[]]}
            """)!.AsObject();
        Assert.Equal(expected, string.Join(',', ClaimPathPolicy.Values(claims, path)));
        // The same after a way through the framework's claims.
        var person = new System.Security.Claims.ClaimsPrincipal(new System.Security.Claims.ClaimsIdentity(ClaimsCodec.ToClaims(claims)));
        Assert.Equal(expected, string.Join(',', ClaimPathPolicy.Values(ClaimsCodec.ToJson(person), path)));
    }

    [Theory]
    [InlineData("ada", "ada")]
    [InlineData("  Ada ", "ada")]
    [InlineData("ada@school.example", "ada")]
    [InlineData("ada@SCHOOL.example", "ada")]
    [InlineData("ada@other.example", "ada@other.example")]
    [InlineData(@"CORP\ada", "corp-ada")]
    [InlineData("Ada O'Neil", "ada o-neil")]
    [InlineData("Ada  Lovelace", "ada lovelace")]
    [InlineData("ada..l", "ada.l")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("Åse Ærlig", "åse ærlig")]
    [InlineData("\uFF21\uFF24\uFF21", "ada")] // full-width letters
    [InlineData("-ada-", "ada")]
    [InlineData("<script>", "script")]
    [InlineData("", null)]
    [InlineData("???", null)]
    [InlineData("@school.example", "school.example")]
    [InlineData("\uD800", null)]
    public void A_name_is_made_to_fit_or_there_is_none(string said, string? expected)
    {
        string? name = ExternalNamePolicy.NameFor(said, ["school.example"], new AccountsOptions());
        Assert.Equal(expected, name);
        Assert.True(name is null || UserName.TryParse(name, new AccountsOptions(), out _, out _));
    }

    [Fact]
    public void A_name_that_is_too_long_is_none() =>
        Assert.Null(ExternalNamePolicy.NameFor(new string('a', 65), [], new AccountsOptions()));

    public static TheoryData<string, string, Admission> Rules => new()
    {
        { """{}""", """{}""", Admission.OnlyKnown },
        { """{"everyone":true}""", """{}""", Admission.Allowed },
        { """{"everyone":true}""", """{"groups":["g"]}""", Admission.Denied },
        { """{"everyone":true}""", """{"domains":["school.example"]}""", Admission.Denied },
        { """{"domains":["SCHOOL.example"]}""", """{}""", Admission.Allowed },
        { """{"domains":["@school.example"]}""", """{}""", Admission.Allowed },
        { """{"domains":["chool.example"]}""", """{}""", Admission.Denied },
        { """{"groups":["G"]}""", """{}""", Admission.Denied },
        { """{"groups":["x","g"]}""", """{}""", Admission.Allowed },
        { """{"claims":["hd=school.example"]}""", """{}""", Admission.Allowed },
        { """{"claims":["a.b=c=d"]}""", """{}""", Admission.Allowed },
        { """{"claims":["hd=other"]}""", """{}""", Admission.Denied },
        { """{}""", """{"claims":["hd=school.example"]}""", Admission.Denied },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Keeping_out_goes_before_letting_in(string allow, string deny, Admission expected)
    {
        JsonObject claims = JsonNode.Parse("""{"email":"ada@school.example","email_verified":"true","hd":"school.example","a":{"b":"c=d"}}""")!.AsObject();
        Assert.Equal(expected, AdmissionPolicy.Decide(claims, ["g"], RulesOf(allow), RulesOf(deny)));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(-59, true)]
    [InlineData(-60, false)]
    public void Clocks_may_be_apart_a_little(int secondsLeft, bool believed)
    {
        JsonObject claims = Claims();
        claims["exp"] = s_now.ToUnixTimeSeconds() + secondsLeft;
        Assert.Equal(believed, Problem(claims) is null);
        claims["exp"] = 1e300; // a number no calendar has
        Assert.Null(Problem(claims));
        claims = Claims();
        claims["iat"] = s_now.ToUnixTimeSeconds() + 60 + (believed ? 0 : 1);
        Assert.Equal(believed, Problem(claims) is null);
    }

    [Fact]
    public void The_audience_may_be_a_list_if_the_token_was_given_to_us()
    {
        JsonObject claims = Claims();
        claims["aud"] = new JsonArray("us");
        Assert.Null(Problem(claims));
        claims["aud"] = new JsonArray("us", "them");
        Assert.Contains("azp", Problem(claims), StringComparison.Ordinal);
        claims["azp"] = "us";
        Assert.Null(Problem(claims));
        claims["azp"] = 7;
        Assert.NotNull(Problem(claims));
    }

    [Fact]
    public void Who_must_have_signed_in_lately_must()
    {
        JsonObject claims = Claims();
        IdTokenRules rules = Rule() with { MaxAge = TimeSpan.FromHours(1) };
        Assert.Contains("auth_time", IdTokenPolicy.Problem(TokenOf(claims), rules), StringComparison.Ordinal);
        claims["auth_time"] = s_now.AddMinutes(-50).ToUnixTimeSeconds();
        Assert.Null(IdTokenPolicy.Problem(TokenOf(claims), rules));
        claims["auth_time"] = s_now.AddMinutes(-70).ToUnixTimeSeconds();
        Assert.NotNull(IdTokenPolicy.Problem(TokenOf(claims), rules));
    }

    [Fact]
    public void What_a_token_says_reaches_the_log_short_and_printable()
    {
        JsonObject claims = Claims();
        claims["iss"] = "https://x\n2026 forged" + new string('y', 1000);
        string problem = Problem(claims)!;
        Assert.DoesNotContain('\n', problem);
        Assert.InRange(problem.Length, 1, 200);
    }

    [Fact]
    public void Metadata_of_the_authority_is_taken_with_or_without_the_last_slash()
    {
        byte[] json = System.Text.Encoding.UTF8.GetBytes(
            """{"issuer":"https://x/","authorization_endpoint":"https://x/a","token_endpoint":"https://x/t","jwks_uri":"https://x/j","token_endpoint_auth_methods_supported":["client_secret_post"]}""");
        ProviderMetadata metadata = MetadataCodec.Parse(json, "https://x", onlyHttps: true);
        Assert.Equal("https://x/", metadata.Issuer);
        Assert.True(metadata.SecretInForm);
        Assert.Throws<InvalidDataException>(() => MetadataCodec.Parse(json, "https://y", onlyHttps: true));
        byte[] plain = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(json).Replace("https://x/j", "http://x/j", StringComparison.Ordinal));
        Assert.Throws<InvalidDataException>(() => MetadataCodec.Parse(plain, null, onlyHttps: true));
        Assert.NotNull(MetadataCodec.Parse(plain, null, onlyHttps: false));
    }

    private static AdmissionRules RulesOf(string json) =>
        System.Text.Json.JsonSerializer.Deserialize<AdmissionRules>(json, System.Text.Json.JsonSerializerOptions.Web)!;

    private static JsonObject Claims() => new()
    {
        ["iss"] = "https://x",
        ["aud"] = "us",
        ["sub"] = "s",
        ["nonce"] = "n",
        ["iat"] = s_now.ToUnixTimeSeconds(),
        ["exp"] = s_now.ToUnixTimeSeconds() + 300,
    };

    private static IdTokenRules Rule() => new("https://x", "us", s_now, TimeSpan.FromMinutes(1)) { Nonce = "n" };

    private static string? Problem(JsonObject claims) => IdTokenPolicy.Problem(TokenOf(claims), Rule());

    private static Jwt TokenOf(JsonObject claims) => new("RS256", null, "JWT", (JsonObject)claims.DeepClone(), default, default);
}
