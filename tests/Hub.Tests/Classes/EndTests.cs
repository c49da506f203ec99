using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Classes.Ending;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>The end of a class: everything archived, guests gone, nothing else touched.</summary>
public sealed class EndTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_archive_has_everything_and_the_guests_go_with_their_homes()
    {
        JsonObject one = await hub.CreateClassAsync("grace", new { name = "Last day" });
        (string guest, CookieContainer cookies) = await hub.JoinAsGuestAsync(one.Code(), "=Ada");
        await hub.CreateUserAsync("stays", ClassHelp.Password);
        CookieContainer own = new();
        using (await hub.SignInAsync("stays", ClassHelp.Password, own))
            Assert.Equal("stays", (await hub.JoinAsync(one.Code(), null, own)).UserOf());

        await File.WriteAllTextAsync(Path.Combine(hub.Home(guest), "loose.txt"), "outside of the folder", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(hub.Home(guest), "Last-day", "work.txt"), "inside", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(hub.Home(guest), "Last-day", "..\\evil\n%.txt"), "hostile name", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(hub.Home("stays"), "private.txt"), "not the class'", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(hub.Home("stays"), "Last-day", "work.txt"), "theirs", Cancelled);
        File.CreateSymbolicLink(Path.Combine(hub.Home("stays"), "Last-day", "link"), Path.Combine(hub.Data, "hub.db"));

        using HttpClient teacher = await hub.SignInAsync("grace", ClassHelp.Password);
        Assert.Equal(HttpStatusCode.Conflict, (await teacher.DeleteAsync($"hub/api/classes/{one.Id()}", Cancelled)).StatusCode);
        // The archive of the moment, streamed, is the same as the one that is kept.
        Dictionary<string, string> before = Read(await teacher.GetByteArrayAsync($"hub/api/classes/{one.Id()}/export", Cancelled));
        using HttpResponseMessage ended = await teacher.PostAsync($"hub/api/classes/{one.Id()}/end", null, Cancelled);
        Assert.Equal(1, (await ended.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["guests_removed"]!.GetValue<int>());
        Dictionary<string, string> archive = Read(await teacher.GetByteArrayAsync($"hub/api/classes/{one.Id()}/export", Cancelled));

        Assert.Equal(before.Keys.Order(), archive.Keys.Order());
        Assert.Equal("outside of the folder", archive[$"{guest}/loose.txt"]);
        Assert.Equal("inside", archive[$"{guest}/Last-day/work.txt"]);
        Assert.Equal("hostile name", archive[$"{guest}/Last-day/..%5Cevil%0A%25.txt"]);
        Assert.Equal("theirs", archive["stays/work.txt"]);
        Assert.DoesNotContain(archive.Keys, name => name.Contains("private", StringComparison.Ordinal) || name.EndsWith("/link", StringComparison.Ordinal));
        Assert.Contains("stays/link,a link", archive["left-out.csv"], StringComparison.Ordinal);
        Assert.Contains("'=Ada", archive["people.csv"], StringComparison.Ordinal);

        using HttpClient gone = hub.Browser(cookies);
        Assert.Equal(HttpStatusCode.Forbidden, (await gone.GetAsync("hub/api/user", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client().GetAsync($"hub/api/users/{guest}", Cancelled)).StatusCode);
        Assert.DoesNotContain(Directory.GetDirectories(Path.Combine(hub.Data, "homes")), home => home.Contains(guest, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(hub.Home("stays"), "private.txt")));
        Assert.Equal(HttpStatusCode.OK, (await hub.Client().GetAsync("hub/api/users/stays", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Gone, (await hub.JoinAsync(one.Code(), "Late", new CookieContainer())).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await teacher.DeleteAsync($"hub/api/classes/{one.Id()}", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_guest_of_another_class_that_goes_on_stays()
    {
        JsonObject first = await hub.CreateClassAsync("grace");
        JsonObject second = await hub.CreateClassAsync("grace", new { name = "Second" });
        (string guest, CookieContainer cookies) = await hub.JoinAsGuestAsync(first.Code());
        Assert.Equal(guest, (await hub.JoinAsync(second.Code(), null, cookies)).UserOf());
        await hub.Client().PostAsync($"hub/api/classes/{first.Id()}/end", null, Cancelled);
        Assert.Equal(HttpStatusCode.OK, (await hub.Client().GetAsync($"hub/api/users/{guest}", Cancelled)).StatusCode);
        await hub.Client().PostAsync($"hub/api/classes/{second.Id()}/end", null, Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client().GetAsync($"hub/api/users/{guest}", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_guest_who_is_taken_out_is_gone_and_the_files_wait_for_the_operator()
    {
        JsonObject one = await hub.CreateClassAsync("grace");
        (string guest, _) = await hub.JoinAsGuestAsync(one.Code());
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client().DeleteAsync($"hub/api/classes/{one.Id()}/members/{guest}", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client().GetAsync($"hub/api/users/{guest}", Cancelled)).StatusCode);
        Assert.Contains(Directory.GetDirectories(Path.Combine(hub.Data, "homes")), home => home.EndsWith(guest, StringComparison.Ordinal) && home.Contains("%deleted-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_class_that_cannot_be_archived_keeps_its_guests()
    {
        JsonObject one = await hub.CreateClassAsync("grace");
        (string guest, CookieContainer cookies) = await hub.JoinAsGuestAsync(one.Code());
        string place = Path.Combine(hub.Data, "classes", FormattableString.Invariant($"{one.Id()}"));
        Directory.CreateDirectory(Path.Combine(place, "archive.zip.unfinished"));
        using HttpResponseMessage failed = await hub.Client().PostAsync($"hub/api/classes/{one.Id()}/end", null, Cancelled);
        Assert.Equal(HttpStatusCode.InsufficientStorage, failed.StatusCode);
        using HttpClient still = hub.Browser(cookies);
        Assert.True(Directory.Exists(hub.Home(guest)));
        Assert.Null((await hub.Client().GetFromJsonAsync<JsonObject>($"hub/api/classes/{one.Id()}", Cancelled))!["ended"]);
        JsonObject user = (await hub.Client().GetFromJsonAsync<JsonObject>($"hub/api/users/{guest}", Cancelled))!;
        Assert.Equal(guest, user["name"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await still.GetAsync("hub/home", Cancelled)).StatusCode);

        Directory.Delete(Path.Combine(place, "archive.zip.unfinished"));
        Assert.Equal(HttpStatusCode.OK, (await hub.Client().PostAsync($"hub/api/classes/{one.Id()}/end", null, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_class_whose_time_is_long_over_ends_by_itself()
    {
        ManualTime time = new();
        await using HubFixture own = await HubFixture.StartAsync(["Classes:EndAfterHours=2"], services => services.AddSingleton<TimeProvider>(time));
        JsonObject one = await own.CreateClassAsync("grace", new { closes = time.GetUtcNow().AddHours(1).ToString("O", System.Globalization.CultureInfo.InvariantCulture) });
        (string guest, _) = await own.JoinAsGuestAsync(one.Code());
        time.Advance(TimeSpan.FromHours(2.9));
        Assert.Equal(HttpStatusCode.OK, (await own.Client().GetAsync($"hub/api/users/{guest}", Cancelled)).StatusCode);
        await Eventually.Holds(async () =>
        {
            time.Advance(TimeSpan.FromMinutes(7));
            return (await own.Client().GetAsync($"hub/api/users/{guest}", Cancelled)).StatusCode == HttpStatusCode.NotFound;
        });
        Assert.True(File.Exists(Path.Combine(own.Data, "classes", "1", "archive.zip")));
    }

    [Theory]
    [InlineData("plain.txt", "plain.txt")]
    [InlineData("Größe 1.ipynb", "Größe 1.ipynb")]
    [InlineData("a\\b", "a%5Cb")]
    [InlineData("a%5Cb", "a%255Cb")]
    [InlineData("C:", "C%3A")]
    [InlineData("a\u001bb", "a%1Bb")]
    public void Names_in_the_archive_lead_nowhere_else(string name, string escaped) =>
        Assert.Equal(escaped, ClassArchive.Escape(System.Text.Encoding.UTF8.GetBytes(name)));

    private static Dictionary<string, string> Read(byte[] zip)
    {
        using ZipArchive archive = new(new MemoryStream(zip));
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using StreamReader reader = new(entry.Open());
            return reader.ReadToEnd();
        });
    }
}
