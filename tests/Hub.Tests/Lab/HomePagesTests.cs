using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Hub.Tests.Kernels;
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

    [Fact]
    public async Task Home_lists_what_runs_and_its_button_stops_it()
    {
        await using KernelHub kernels = await KernelHub.StartAsync();
        await kernels.Hub.CreateUserAsync("mallory", Password);
        using HttpResponseMessage opened = await kernels.Client.PostAsJsonAsync(
            "api/sessions", new { path = "a & b.ipynb", name = "", type = "notebook", kernel = new { name = (string?)null } });
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        using HttpClient client = kernels.Hub.Client();
        using HttpResponseMessage set = await client.PutAsJsonAsync("hub/api/users/admin/password", new { password = Password });
        set.EnsureSuccessStatusCode();
        using HttpClient admin = await kernels.Hub.SignInAsync("admin", Password);

        string page = await admin.GetStringAsync("hub/home");
        Assert.Contains("<a href=\"/user/admin/lab/tree/a%20%26%20b.ipynb\">a &amp; b.ipynb</a>", page, StringComparison.Ordinal);
        string stop = Regex.Match(page, "action=\"/(hub/home/kernels/[^\"]+/stop)\"").Groups[1].Value;

        // Somebody else knows the address.
        using HttpClient mallory = await kernels.Hub.SignInAsync("mallory", Password);
        using HttpResponseMessage tried = await mallory.PostAsync(stop, new FormUrlEncodedContent([]));
        Assert.Contains("a &amp; b.ipynb", await admin.GetStringAsync("hub/home"), StringComparison.Ordinal);

        using HttpResponseMessage stopped = await admin.PostAsync(stop, new FormUrlEncodedContent([]));
        Assert.Equal("/hub/home?stopped", stopped.Headers.Location!.OriginalString);
        string after = await admin.GetStringAsync("hub/home?stopped");
        Assert.Contains("role=\"status\">The kernel was stopped.", after, StringComparison.Ordinal);
        Assert.Contains("No kernel is running.", after, StringComparison.Ordinal);
    }
}
