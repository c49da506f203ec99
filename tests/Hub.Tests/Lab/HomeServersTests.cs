using System.Net;
using Hub.Servers;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Hub.Tests.Lab;

/// <summary>A person's other servers on their first page, with plain forms.</summary>
public sealed class HomeServersTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task A_server_is_added_opened_stopped_started_and_deleted()
    {
        await hub.CreateUserAsync("ines", Password);
        using HttpClient browser = await hub.SignInAsync("ines", Password);
        Assert.Contains("Add another server", await browser.GetStringAsync("hub/home"), StringComparison.Ordinal);
        Assert.DoesNotContain("Your other servers", await browser.GetStringAsync("hub/home"), StringComparison.Ordinal);
        Assert.Equal("/user/ines/second/lab", await PostAsync(browser, "hub/home/servers", ("server", " second ")));
        string page = await browser.GetStringAsync("hub/home");
        Assert.Contains("<a href=\"/user/ines/second/lab\">second</a>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/servers/second/delete", page, StringComparison.Ordinal);

        Assert.Equal("/hub/home?server-stopped", await PostAsync(browser, "hub/home/servers/second/stop"));
        page = await browser.GetStringAsync("hub/home?server-stopped");
        Assert.Contains("role=\"status\">The server was stopped.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/user/ines/second/lab", page, StringComparison.Ordinal);
        Assert.Equal("/user/ines/second/lab", await PostAsync(browser, "hub/home/servers/second/start"));
        await PostAsync(browser, "hub/home/servers/second/stop");
        Assert.Equal("/hub/home?server-deleted", await PostAsync(browser, "hub/home/servers/second/delete"));
        Assert.Empty(hub.Services.GetRequiredService<ServerRegistry>().NamesOf("ines"));
    }

    [Fact]
    public async Task What_cannot_be_is_said_beside_what_was_typed()
    {
        await hub.CreateUserAsync("joel", Password);
        using HttpClient browser = await hub.SignInAsync("joel", Password);
        using HttpResponseMessage odd = await browser.PostAsync("hub/home/servers", new FormUrlEncodedContent([new("server", "my \"lab\"")]));
        Assert.Equal(HttpStatusCode.BadRequest, odd.StatusCode);
        string page = await odd.Content.ReadAsStringAsync();
        Assert.Contains("Not a name for a server", page, StringComparison.Ordinal);
        Assert.Contains("value=\"my &quot;lab&quot;\"", page, StringComparison.Ordinal);
        using HttpResponseMessage gone = await browser.PostAsync("hub/home/servers/none/start", new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal("/hub/home?server-deleted", await PostAsync(browser, "hub/home/servers/none/delete"));
        browser.DefaultRequestHeaders.Remove("X-XSRFToken");
        using HttpResponseMessage forged = await browser.PostAsync("hub/home/servers", new FormUrlEncodedContent([new("server", "evil")]));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.Empty(hub.Services.GetRequiredService<ServerRegistry>().NamesOf("joel"));
    }

    [Fact]
    public async Task A_link_is_made_for_the_server_that_is_chosen_and_revoked_again()
    {
        await using HubFixture generous = await HubFixture.StartAsync(["Sharing:ByUsers=true"]);
        await generous.CreateUserAsync("kemal", Password);
        using HttpClient browser = await generous.SignInAsync("kemal", Password);
        await PostAsync(browser, "hub/home/servers", ("server", "second"));
        Assert.Contains("<option value=\"second\">", await browser.GetStringAsync("hub/shares"), StringComparison.Ordinal);
        using HttpResponseMessage made = await browser.PostAsync("hub/shares/link", new FormUrlEncodedContent([new("expires_in", "3600"), new("server", "second")]));
        string page = await made.Content.ReadAsStringAsync();
        Assert.Contains("server second", page, StringComparison.Ordinal);
        string revoke = System.Text.RegularExpressions.Regex.Match(page, "action=\"/(hub/shares/links/[0-9]+/revoke)\"").Groups[1].Value;
        Assert.Equal("/hub/shares?link-revoked", await PostAsync(browser, revoke));
        using HttpResponseMessage none = await browser.PostAsync("hub/shares/link", new FormUrlEncodedContent([new("expires_in", "3600"), new("server", "none")]));
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
    }

    private static async Task<string> PostAsync(HttpClient browser, string path, params (string Key, string Value)[] fields)
    {
        using HttpResponseMessage answer = await browser.PostAsync(path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Key, field.Value))));
        Assert.True(answer.StatusCode == HttpStatusCode.SeeOther, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return answer.Headers.Location!.OriginalString;
    }
}
