using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>What tests about classes do again and again.</summary>
internal static class ClassHelp
{
    public const string Password = "correct horse battery";

    /// <summary>A class as the administrator makes it, with this teacher, whose account is made too.</summary>
    public static async Task<JsonObject> CreateClassAsync(this HubFixture hub, string teacher, object? settings = null)
    {
        if ((await hub.Client().GetAsync($"hub/api/users/{teacher}")).StatusCode == HttpStatusCode.NotFound)
            await hub.CreateUserAsync(teacher, Password);
        JsonObject body = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(settings ?? new { }))!.AsObject();
        body.TryAdd("name", "Physics");
        body.TryAdd("teachers", new JsonArray(teacher));
        using HttpClient admin = hub.Client();
        using HttpResponseMessage made = await admin.PostAsJsonAsync("hub/api/classes", body);
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        return (await made.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    public static string Code(this JsonObject one) => one["code"]!["code"]!.GetValue<string>();

    public static long Id(this JsonObject one) => one["id"]!.GetValue<long>();

    /// <summary>Joins at the page as a browser without scripts; <paramref name="cookies"/> hold the sign-in afterwards.</summary>
    public static async Task<HttpResponseMessage> JoinAsync(this HubFixture hub, string code, string? name, CookieContainer cookies)
    {
        using HttpClient browser = hub.Browser(cookies);
        using HttpResponseMessage page = await browser.GetAsync("hub/join/" + Uri.EscapeDataString(code));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Dictionary<string, string> form = new() { ["code"] = code, ["_xsrf"] = hub.Xsrf(cookies) };
        if (name is not null)
            form["name"] = name;
        return await browser.PostAsync("hub/join", new FormUrlEncodedContent(form));
    }

    /// <summary>The user a redirect into JupyterLab leads to.</summary>
    public static string UserOf(this HttpResponseMessage joined)
    {
        Assert.Equal(HttpStatusCode.SeeOther, joined.StatusCode);
        string[] parts = joined.Headers.Location!.OriginalString.Split('/');
        Assert.Equal("user", parts[1]);
        return Uri.UnescapeDataString(parts[2]);
    }

    /// <summary>A guest's user name, and the browser's cookies.</summary>
    public static async Task<(string Name, CookieContainer Cookies)> JoinAsGuestAsync(this HubFixture hub, string code, string name = "Ada")
    {
        CookieContainer cookies = new();
        using HttpResponseMessage joined = await hub.JoinAsync(code, name, cookies);
        Assert.True(joined.StatusCode == HttpStatusCode.SeeOther, await joined.Content.ReadAsStringAsync());
        return (joined.UserOf(), cookies);
    }

    public static string Home(this HubFixture hub, string user) => Path.Combine(hub.Data, "homes", user);

    public static StringContent Csv(string text) => new(text, System.Text.Encoding.UTF8, "text/csv");
}
