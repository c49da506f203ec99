using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>Files handed out while a class meets.</summary>
public sealed class HandedFilesTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_reaches_every_home_once_and_those_who_join_later()
    {
        Floor floor = await Floor.BeginAsync(hub, new { name = "Files" });
        (string second, HttpClient browser) = await Floor.JoinAsync(hub, floor.Code);
        JsonObject first = await HandOutAsync(floor, "data.csv", "1,2", "day 2");
        Assert.Equal((2, 0, 0), Report(first));
        foreach (string student in new[] { floor.Student, second })
            Assert.Equal("1,2", await File.ReadAllTextAsync(Path.Combine(hub.Home(student), "Files", "day 2", "data.csv"), Cancelled));
        JsonNode notice = Assert.Single((await floor.MineAsync(browser))["messages"]!.AsArray())!;
        Assert.Equal("Files/day 2/data.csv", notice["path"]!.GetValue<string>());

        await File.WriteAllTextAsync(Path.Combine(hub.Home(second), "Files", "day 2", "data.csv"), "my own", Cancelled);
        JsonObject again = await HandOutAsync(floor, "data.csv", "1,2", "day 2");
        Assert.Equal((2, 1, 1), Report(again));
        Assert.Equal(floor.Student, again["unchanged"]![0]!.GetValue<string>());
        Assert.Equal(second, again["kept"]![0]!.GetValue<string>());
        Assert.Equal("my own", await File.ReadAllTextAsync(Path.Combine(hub.Home(second), "Files", "day 2", "data.csv"), Cancelled));

        (string late, _) = await Floor.JoinAsync(hub, floor.Code);
        Assert.Equal("1,2", await File.ReadAllTextAsync(Path.Combine(hub.Home(late), "Files", "day 2", "data.csv"), Cancelled));
    }

    [Theory]
    [InlineData("../evil.txt", null)]
    [InlineData("a/b.txt", null)]
    [InlineData("a\\\\b.txt", null)]
    [InlineData("..", null)]
    [InlineData(".bashrc", null)]
    [InlineData("ok.txt", "../..")]
    [InlineData("ok.txt", "/../x")]
    [InlineData("ok.txt", ".ssh")]
    [InlineData("ok.txt", "a\nb")]
    public async Task Names_that_lead_elsewhere_are_refused_and_nothing_is_written(string name, string? folder)
    {
        Floor floor = await Floor.BeginAsync(hub);
        using HttpResponseMessage refused = await floor.Teacher.PostAsync($"{floor.Path}/files", Floor.Upload(name, "x", folder), Cancelled);
        Assert.True(refused.StatusCode == HttpStatusCode.BadRequest, $"{refused.StatusCode} {await refused.Content.ReadAsStringAsync(Cancelled)}");
        Assert.Empty((await floor.MineAsync())["messages"]!.AsArray());
    }

    [Fact]
    public async Task A_link_in_a_home_leads_nowhere()
    {
        Floor floor = await Floor.BeginAsync(hub, new { name = "Links" });
        string outside = Directory.CreateTempSubdirectory("hub-outside-").FullName;
        try
        {
            string folder = Path.Combine(hub.Home(floor.Student), "Links");
            File.CreateSymbolicLink(Path.Combine(folder, "dir"), outside);
            File.CreateSymbolicLink(Path.Combine(folder, "link.txt"), Path.Combine(outside, "target.txt"));
            await HandOutAsync(floor, "link.txt", "x");
            JsonObject report = await HandOutAsync(floor, "inner.txt", "x", "dir");
            Assert.Equal(floor.Student, report["failed"]![0]!["name"]!.GetValue<string>());
            Assert.Empty(Directory.GetFileSystemEntries(outside));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public async Task Only_the_teacher_of_a_class_that_meets_hands_out_and_not_too_much()
    {
        await using HubFixture small = await HubFixture.StartAsync(["Classes:MaxHandedFileBytes=1000"]);
        Floor floor = await Floor.BeginAsync(small);
        Floor other = await Floor.BeginAsync(small);
        foreach (HttpClient stranger in new[] { floor.Guest, other.Teacher })
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsync($"{floor.Path}/files", Floor.Upload("a.txt", "x"), Cancelled)).StatusCode);
        foreach (int bytes in new[] { 1001, 200_000 })
        {
            using HttpResponseMessage large = await floor.Teacher.PostAsync($"{floor.Path}/files", Floor.Upload("a.txt", new string('x', bytes)), Cancelled);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
            Assert.Contains("Classes:MaxHandedFileBytes", await large.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await floor.Teacher.PostAsJsonAsync($"{floor.Path}/files", new { }, Cancelled)).StatusCode);
        using MultipartFormDataContent empty = new() { { new StringContent("x"), "folder" } };
        Assert.Equal(HttpStatusCode.BadRequest, (await floor.Teacher.PostAsync($"{floor.Path}/files", empty, Cancelled)).StatusCode);
        await floor.Teacher.PostAsync($"{floor.Path}/end", null, Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, (await floor.Teacher.PostAsync($"{floor.Path}/files", Floor.Upload("a.txt", "x"), Cancelled)).StatusCode);
    }

    private static (int Students, int Unchanged, int Kept) Report(JsonObject report) =>
        (report["students"]!.GetValue<int>(), report["unchanged"]!.AsArray().Count, report["kept"]!.AsArray().Count);

    private static async Task<JsonObject> HandOutAsync(Floor floor, string name, string content, string? folder = null)
    {
        using HttpResponseMessage answer = await floor.Teacher.PostAsync($"{floor.Path}/files", Floor.Upload(name, content, folder), Cancelled);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancelled));
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
    }
}
