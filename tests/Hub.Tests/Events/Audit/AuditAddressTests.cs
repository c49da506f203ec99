using System.Net;
using System.Text.Json.Nodes;
using Hub.Events.Audit;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Events.Audit;

/// <summary>Where people signed in from, good and bad.</summary>
public sealed class AuditAddressTests
{
    private const string Password = "correct horse battery";

    [Theory]
    [InlineData("Http:TrustedProxies:0=127.0.0.1", "203.0.113.7")]
    [InlineData("Http:TrustedProxies:0=192.0.2.1", "127.0.0.1")]
    [InlineData("Audit:Addresses=false", null)]
    public async Task The_address_is_the_one_a_trusted_proxy_names_and_is_left_out_on_wish(string setting, string? expected)
    {
        await using HubFixture hub = await HubFixture.StartAsync([setting]);
        await hub.CreateUserAsync("ada", Password);
        var cookies = new CookieContainer();
        using HttpClient browser = hub.Browser(cookies);
        browser.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        foreach (string password in new[] { "wrong", Password })
        {
            (await browser.GetAsync("hub/login")).Dispose();
            (await browser.PostAsync("hub/login", new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "ada", ["password"] = password, ["_xsrf"] = hub.Xsrf(cookies) }))).Dispose();
        }
        AuditStore store = hub.Services.GetRequiredService<AuditStore>();
        foreach (string kind in new[] { "sign-in", "sign-in-failed" })
        {
            await Eventually.Holds(async () => (await store.ListAsync(new AuditQuery { Kind = kind }, default)).Count == 1);
            AuditRecord record = (await store.ListAsync(new AuditQuery { Kind = kind }, default))[0];
            Assert.Equal(expected, (string?)JsonNode.Parse(record.Detail)!["address"]);
        }
    }
}
