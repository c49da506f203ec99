using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;

namespace Hub.Tests.Auth.OpenIdConnect;

/// <summary>
/// A provider that does what a test tells it, the wrong things above all. Well-behaved by itself: real PKCE, codes that work once, a real client secret.
/// Whoever comes is signed in as <see cref="Claims"/> says, without being asked.
/// </summary>
internal sealed class FakeProvider : IAsyncDisposable
{
    public const string ClientId = "notebook-hub";
    public const string ClientSecret = "a secret: with/odd+letters";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Dictionary<string, string>> _codes = new();

    private FakeProvider()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            if (Before is null || !await Before(context))
                await next(context);
        });
        _app.MapGet("/.well-known/openid-configuration", () => Json(Metadata()));
        _app.MapGet("/jwks", () =>
        {
            KeyFetches++;
            return Json(new JsonObject { ["keys"] = new JsonArray([.. Keys.Select(key => key.Public())]) });
        });
        _app.MapGet("/authorize", (HttpContext context) => Authorize(context));
        _app.MapPost("/token", (Delegate)TokenAsync);
        _app.MapGet("/userinfo", (HttpContext context) => context.Request.Headers.Authorization == "Bearer access-token-of-the-test" ? Json(UserInfo) : Results.StatusCode(401));
    }

    public ProviderKey Key { get; set; } = ProviderKey.UsualRsa("k1");

    /// <summary>What its clock says.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>The keys the provider lists.</summary>
    public List<ProviderKey> Keys { get; } = [];

    public int KeyFetches { get; private set; }

    public string Issuer { get; private set; } = "";

    /// <summary>Answers a request in the place of the provider when it returns true.</summary>
    public Func<HttpContext, Task<bool>>? Before { get; set; }

    /// <summary>Changes what the provider says about itself.</summary>
    public Action<JsonObject> ChangeMetadata { get; set; } = _ => { };

    /// <summary>Who comes.</summary>
    public JsonObject Claims { get; set; } = new() { ["sub"] = "person-1", ["preferred_username"] = "ada", ["name"] = "Ada Lovelace" };

    public JsonObject UserInfo { get; set; } = new() { ["sub"] = "person-1" };

    /// <summary>Changes the ID token before it is signed.</summary>
    public Action<JsonObject> ChangeToken { get; set; } = _ => { };

    /// <summary>Signs ID tokens.</summary>
    public Func<JsonObject, string>? Sign { get; set; }

    /// <summary>Changes where the browser is sent back to.</summary>
    public Func<Uri, Uri> ChangeReturn { get; set; } = address => address;

    /// <summary>Whether a refresh token still holds.</summary>
    public bool Refreshes { get; set; } = true;

    public int RefreshCount { get; private set; }

    /// <summary>Every secret that was ever given out: none of them may stand in a log.</summary>
    public ConcurrentBag<string> Secrets { get; } = [ClientSecret, "access-token-of-the-test"];

    public static async Task<FakeProvider> StartAsync()
    {
        var provider = new FakeProvider();
        provider.Keys.Add(provider.Key);
        await provider._app.StartAsync();
        provider.Issuer = provider._app.Urls.First();
        return provider;
    }

    /// <summary>Settings of a hub for this provider, under a name.</summary>
    public string[] Settings(string name = "fake", params string[] more) =>
    [
        $"Auth:OpenId:{name}:Authority={Issuer}", $"Auth:OpenId:{name}:ClientId={ClientId}", $"Auth:OpenId:{name}:ClientSecret={ClientSecret}",
        $"Auth:OpenId:{name}:RequireHttpsMetadata=false", $"Auth:OpenId:{name}:Allow:Everyone=true", .. more.Select(one => $"Auth:OpenId:{name}:{one}"),
    ];

    /// <summary>An ID token as it would be given, before signing.</summary>
    public JsonObject TokenClaims(string? nonce)
    {
        long now = Time.GetUtcNow().ToUnixTimeSeconds();
        var claims = (JsonObject)Claims.DeepClone();
        claims["iss"] = Issuer;
        claims["aud"] = ClientId;
        claims["iat"] = now;
        claims["exp"] = now + 300;
        if (nonce is not null)
            claims["nonce"] = nonce;
        claims["at_hash"] = Base64Url.EncodeToString(SHA256.HashData("access-token-of-the-test"u8).AsSpan(0, 16));
        ChangeToken(claims);
        return claims;
    }

    public string LogoutToken(Action<JsonObject>? change = null, string type = "logout+jwt")
    {
        long now = Time.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = ClientId,
            ["iat"] = now,
            ["exp"] = now + 120,
            ["jti"] = Guid.NewGuid().ToString(),
            ["sub"] = "person-1",
            ["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() },
        };
        change?.Invoke(claims);
        return Key.Sign(claims, header: new JsonObject { ["alg"] = "RS256", ["kid"] = Key.Id, ["typ"] = type });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        foreach (ProviderKey key in Keys.Append(Key).Distinct())
            key.Dispose();
    }

    private JsonObject Metadata()
    {
        var metadata = new JsonObject
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = Issuer + "/authorize",
            ["token_endpoint"] = Issuer + "/token",
            ["jwks_uri"] = Issuer + "/jwks",
            ["userinfo_endpoint"] = Issuer + "/userinfo",
            ["end_session_endpoint"] = Issuer + "/end",
            ["response_types_supported"] = new JsonArray("code"),
        };
        ChangeMetadata(metadata);
        return metadata;
    }

    private IResult Authorize(HttpContext context)
    {
        Dictionary<string, string> asked = context.Request.Query.ToDictionary(one => one.Key, one => one.Value.ToString());
        string code = "code-" + Guid.NewGuid().ToString("N");
        _codes[code] = asked;
        Secrets.Add(code);
        var answer = new QueryBuilder { { "code", code }, { "state", asked["state"] } };
        return Results.Redirect(ChangeReturn(new Uri(asked["redirect_uri"] + answer)).AbsoluteUri);
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        if (!IsClient(context))
            return Json(new JsonObject { ["error"] = "invalid_client" }, 401);
        if (form["grant_type"] == "refresh_token")
        {
            RefreshCount++;
            return Refreshes && form["refresh_token"] == "refresh-token-of-the-test" ? Tokens(null) : Json(new JsonObject { ["error"] = "invalid_grant" }, 400);
        }
        if (!_codes.TryRemove(form["code"].ToString(), out Dictionary<string, string>? asked) || asked["redirect_uri"] != form["redirect_uri"].ToString())
            return Json(new JsonObject { ["error"] = "invalid_grant" }, 400);
        string verifier = form["code_verifier"].ToString();
        if (asked["code_challenge_method"] != "S256" || asked["code_challenge"] != Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))))
            return Json(new JsonObject { ["error"] = "invalid_grant" }, 400);
        return Tokens(asked["nonce"]);
    }

    private IResult Tokens(string? nonce)
    {
        JsonObject claims = TokenClaims(nonce);
        string token = Sign?.Invoke(claims) ?? Key.Sign(claims);
        Secrets.Add(token);
        return Json(new JsonObject { ["token_type"] = "Bearer", ["access_token"] = "access-token-of-the-test", ["refresh_token"] = "refresh-token-of-the-test", ["id_token"] = token });
    }

    private static bool IsClient(HttpContext context) =>
        AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out AuthenticationHeaderValue? header)
        && Encoding.UTF8.GetString(Convert.FromBase64String(header.Parameter!)).Split(':') is [var id, var secret]
        && System.Net.WebUtility.UrlDecode(id) == ClientId && System.Net.WebUtility.UrlDecode(secret) == ClientSecret;

    private static IResult Json(JsonObject answer, int status = 200) => Results.Text(answer.ToJsonString(), "application/json", statusCode: status);
}
