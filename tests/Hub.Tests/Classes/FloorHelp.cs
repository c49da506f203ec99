using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>A class that meets: its teacher and a guest, each with a browser.</summary>
internal sealed record Floor(HubFixture Hub, long Id, HttpClient Teacher, string Student, HttpClient Guest, string Code, CookieContainer TeacherCookies)
{
    private static int s_classes;

    public string Path => FormattableString.Invariant($"hub/api/classes/{Id}");

    public string TeacherName { get; init; } = "";

    /// <param name="settings">Of the class.</param>
    public static async Task<Floor> BeginAsync(HubFixture hub, object? settings = null)
    {
        string name = FormattableString.Invariant($"floor-teacher-{Interlocked.Increment(ref s_classes)}");
        JsonObject one = await hub.CreateClassAsync(name, settings);
        CookieContainer cookies = new();
        HttpClient teacher = await hub.SignInAsync(name, ClassHelp.Password, cookies);
        (string student, HttpClient guest) = await JoinAsync(hub, one.Code());
        return new Floor(hub, one.Id(), teacher, student, guest, one.Code(), cookies) { TeacherName = name };
    }

    /// <summary>One more guest.</summary>
    public static async Task<(string Name, HttpClient Browser)> JoinAsync(HubFixture hub, string code)
    {
        (string user, CookieContainer cookies) = await hub.JoinAsGuestAsync(code);
        HttpClient guest = hub.Browser(cookies);
        guest.DefaultRequestHeaders.Add("X-XSRFToken", hub.Xsrf(cookies));
        return (user, guest);
    }

    public async Task<JsonObject> MineAsync(HttpClient? of = null, long after = 0) =>
        (await (of ?? Guest).GetFromJsonAsync<JsonObject>(FormattableString.Invariant($"hub/api/classes/mine?after={after}")))!;

    public async Task<JsonObject> VisitAsync(string role, HttpClient? by = null)
    {
        using HttpResponseMessage made = await (by ?? Teacher).PostAsJsonAsync($"{Path}/visits", new { user = Student, role });
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        return (await made.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    /// <summary>Opens a page as a browser does.</summary>
    public static async Task<HttpResponseMessage> OpenAsync(HttpClient browser, string address)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address.TrimStart('/'));
        request.Headers.Add("Accept", "text/html");
        return await browser.SendAsync(request);
    }

    public static MultipartFormDataContent Upload(string name, string content, string? folder = null)
    {
        MultipartFormDataContent form = [];
        ByteArrayContent file = new(System.Text.Encoding.UTF8.GetBytes(content));
        // As a program may write it: the framework would refuse some of these names itself.
        file.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"file\"; filename=\"{name}\"");
        form.Add(file);
        if (folder is not null)
            form.Add(new StringContent(folder), "folder");
        return form;
    }
}
