using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Testing;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>Materials reach every home once, and nothing that is there is ever touched.</summary>
public sealed class MaterialsTests(HubFixture hub) : IClassFixture<HubFixture>, IAsyncLifetime
{
    private static int s_classes;

    private readonly string _teacher = FormattableString.Invariant($"teacher-{Interlocked.Increment(ref s_classes)}");
    private JsonObject _class = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Source => Path.Combine(hub.Home(_teacher), "lessons");

    public async ValueTask InitializeAsync()
    {
        _class = await hub.CreateClassAsync(_teacher, new { name = "Course", materials = new { user = _teacher, path = "lessons" } });
        using HttpClient teacher = await hub.SignInAsync(_teacher, ClassHelp.Password);
        await teacher.PostAsync($"hub/api/users/{_teacher}/server", null, Cancelled);
        // Through the API, so that a hub that runs as root makes them with their owner.
        foreach (string path in new[] { "lessons", "lessons/data" })
            Assert.True((await teacher.PutAsJsonAsync($"user/{_teacher}/api/contents/{path}", new { type = "directory" }, Cancelled)).IsSuccessStatusCode);
        foreach ((string path, string content) in new[] { ("one.txt", "first"), ("data/two.txt", "second") })
            Assert.True((await teacher.PutAsJsonAsync($"user/{_teacher}/api/contents/lessons/{path}", new { type = "file", format = "text", content }, Cancelled)).IsSuccessStatusCode);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Who_joins_finds_the_materials_in_the_class_folder()
    {
        (string user, _) = await hub.JoinAsGuestAsync(_class.Code());
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(hub.Home(user), "Course", "one.txt"), Cancelled));
        Assert.Equal("second", await File.ReadAllTextAsync(Path.Combine(hub.Home(user), "Course", "data", "two.txt"), Cancelled));
        JsonArray members = (await hub.Client().GetFromJsonAsync<JsonArray>($"hub/api/classes/{_class.Id()}/members", Cancelled))!;
        Assert.Equal("Course", members.Single(member => member!["name"]!.GetValue<string>() == user)!["folder"]!.GetValue<string>());
    }

    [Fact]
    public async Task Who_joins_is_led_to_the_first_notebook_and_without_one_to_the_folder()
    {
        using HttpResponseMessage without = await hub.JoinAsync(_class.Code(), "Ada", new CookieContainer());
        Assert.EndsWith("/lab/tree/Course", without.Headers.Location!.OriginalString, StringComparison.Ordinal);
        foreach (string name in new[] { "b.ipynb", "a first.ipynb", ".hidden.ipynb" })
            await File.WriteAllTextAsync(Path.Combine(Source, name), """{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}""", Cancelled);
        using HttpResponseMessage with = await hub.JoinAsync(_class.Code(), "Alan", new CookieContainer());
        Assert.EndsWith("/lab/tree/Course/a%20first.ipynb", with.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handing_out_again_brings_what_is_new_and_touches_nothing()
    {
        (string user, _) = await hub.JoinAsGuestAsync(_class.Code());
        string folder = Path.Combine(hub.Home(user), "Course");
        await File.WriteAllTextAsync(Path.Combine(folder, "one.txt"), "my own work", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(Source, "one.txt"), "corrected", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(Source, "three.txt"), "third", Cancelled);

        JsonObject report = await HandOutAsync(new { });
        Assert.Equal((1, 2), (report["copied"]!.GetValue<int>(), report["kept"]!.GetValue<int>()));
        Assert.Equal("my own work", await File.ReadAllTextAsync(Path.Combine(folder, "one.txt"), Cancelled));
        Assert.Equal("third", await File.ReadAllTextAsync(Path.Combine(folder, "three.txt"), Cancelled));

        await File.WriteAllTextAsync(Path.Combine(Source, "data", "four.txt"), "fourth", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(Source, "five.txt"), "fifth", Cancelled);
        report = await HandOutAsync(new { path = "data/four.txt" });
        Assert.Equal((1, 0), (report["copied"]!.GetValue<int>(), report["kept"]!.GetValue<int>()));
        Assert.False(File.Exists(Path.Combine(folder, "five.txt")));
        Assert.Contains("There is no file", (await HandOutAsync(new { path = "six.txt" }))["problem"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_are_followed_on_neither_side()
    {
        string secret = Path.Combine(hub.Data, "secret.txt");
        await File.WriteAllTextAsync(secret, "secret", Cancelled);
        File.CreateSymbolicLink(Path.Combine(Source, "link.txt"), secret);
        Directory.CreateSymbolicLink(Path.Combine(Source, "linked"), hub.Data);
        (string user, _) = await hub.JoinAsGuestAsync(_class.Code());
        string folder = Path.Combine(hub.Home(user), "Course");
        Assert.False(Path.Exists(Path.Combine(folder, "link.txt")));
        Assert.False(Path.Exists(Path.Combine(folder, "linked")));

        // The student puts links where the hub will write.
        string elsewhere = Directory.CreateDirectory(Path.Combine(hub.Data, "elsewhere-" + user)).FullName;
        await File.WriteAllTextAsync(Path.Combine(Source, "later.txt"), "later", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(Source, "data", "later.txt"), "later", Cancelled);
        File.CreateSymbolicLink(Path.Combine(folder, "later.txt"), Path.Combine(elsewhere, "written"));
        Directory.Delete(Path.Combine(folder, "data"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(folder, "data"), elsewhere);
        await HandOutAsync(new { });
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));

        Directory.Delete(folder, recursive: true);
        Directory.CreateSymbolicLink(folder, elsewhere);
        Assert.NotNull((await HandOutAsync(new { }))["problem"]);
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public async Task A_folder_somebody_had_before_never_becomes_the_class_one()
    {
        string person = "person-" + _teacher;
        await hub.CreateUserAsync(person, ClassHelp.Password);
        using HttpClient browser = await hub.SignInAsync(person, ClassHelp.Password);
        await browser.PostAsync($"hub/api/users/{person}/server", null, Cancelled);
        Assert.True((await browser.PutAsJsonAsync($"user/{person}/api/contents/Course", new { type = "directory" }, Cancelled)).IsSuccessStatusCode);
        using HttpClient teacher = await hub.SignInAsync(_teacher, ClassHelp.Password);
        Assert.Equal(HttpStatusCode.OK, (await teacher.PutAsJsonAsync($"hub/api/classes/{_class.Id()}/members/{person}", new { role = "student" }, Cancelled)).StatusCode);
        await Eventually.Holds(() => File.Exists(Path.Combine(hub.Home(person), "Course-2", "one.txt")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(hub.Home(person), "Course")));
    }

    /// <summary>The report on the last member.</summary>
    private async Task<JsonObject> HandOutAsync(object body)
    {
        using HttpResponseMessage answer = await hub.Client().PostAsJsonAsync($"hub/api/classes/{_class.Id()}/hand-out", body, Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["members"]!.AsArray()[^1]!.AsObject();
    }
}
