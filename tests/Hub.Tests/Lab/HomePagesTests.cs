using System.Net;
using Xunit;

namespace Hub.Tests.Lab;

/// <summary>The first page of a person who signed in.</summary>
public sealed class HomePagesTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private const string Password = "correct horse battery";

    [Theory]
    [InlineData("")]
    [InlineData("hub")]
    [InlineData("hub/")]
    public async Task The_root_leads_home(string root)
    {
        using HttpClient browser = hub.Browser(new CookieContainer());
        using HttpResponseMessage answer = await browser.GetAsync(root);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/hub/home", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Home_opens_the_notebooks_of_whoever_is_signed_in()
    {
        await hub.CreateUserAsync("zoë", Password);
        using HttpClient browser = await hub.SignInAsync("zoë", Password);
        string page = await browser.GetStringAsync("hub/home");
        Assert.Contains("href=\"/user/zo%C3%AB/lab\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/user/zo%C3%AB/tree\"", page, StringComparison.Ordinal);
        Assert.Contains("No kernel is running.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_needs_the_xsrf_token_and_a_kernel_that_is_gone_counts_as_stopped()
    {
        await hub.CreateUserAsync("mallory", Password);
        CookieContainer cookies = new();
        using HttpClient browser = await hub.SignInAsync("mallory", Password, cookies);
        browser.DefaultRequestHeaders.Remove("X-XSRFToken");
        string stop = $"hub/home/kernels/{Guid.NewGuid()}/stop";
        using HttpResponseMessage forged = await browser.PostAsync(stop, new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        using HttpResponseMessage sent = await browser.PostAsync(stop, new FormUrlEncodedContent([new("_xsrf", hub.Xsrf(cookies))]));
        Assert.Equal(HttpStatusCode.SeeOther, sent.StatusCode);
        Assert.Equal("/hub/home?stopped", sent.Headers.Location!.OriginalString);
    }
}
