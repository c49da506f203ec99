using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Tests.Classes;
using Hub.Tests.Kernels;
using Xunit;

namespace Hub.Tests.KernelSpecs;

/// <summary>An environment for certain groups is there for their members and administrators, and for nobody else.</summary>
public sealed class EnvironmentGroupsTests : IAsyncLifetime
{
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    private KernelHub _hub = null!;
    private HttpClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await KernelHub.StartAsync(null, null,
            "Kernels:Specs:python3:Image=open:1", "Kernels:Specs:gpu:Image=gpu:1", "Kernels:Specs:gpu:Groups:0=chemists", "Kernels:Specs:gpu:Groups:1=physicists");
        _admin = _hub.Hub.Client();
        (await _admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob" } }, s_cancel)).EnsureSuccessStatusCode();
        (await _admin.PostAsJsonAsync("hub/api/groups/physicists", new { users = new[] { "ada" } }, s_cancel)).EnsureSuccessStatusCode();
        foreach (string user in new[] { "ada", "bob" })
            (await _admin.PostAsync($"hub/api/users/{user}/server", null, s_cancel)).EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task Only_members_and_administrators_see_it()
    {
        Assert.Equal(["gpu", "python3"], await SpecsAsync("ada"));
        Assert.Equal(["python3"], await SpecsAsync("bob"));
        Assert.Equal(["gpu", "python3"], await SpecsAsync("admin"));
        Assert.Equal(HttpStatusCode.OK, (await _admin.GetAsync("user/ada/api/kernelspecs/gpu", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.GetAsync("user/bob/api/kernelspecs/gpu", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _admin.GetAsync("user/ada/kernelspecs/gpu/logo-svg.svg", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.GetAsync("user/bob/kernelspecs/gpu/logo-svg.svg", s_cancel)).StatusCode);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("GPU")]
    public async Task Who_is_in_no_such_group_cannot_start_a_kernel_in_it_by_name(string name)
    {
        using HttpResponseMessage refused = await StartAsync("bob", name);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("for members of certain groups, and you are in none of them", await refused.Content.ReadAsStringAsync(s_cancel), StringComparison.Ordinal);
        using HttpResponseMessage session = await _admin.PostAsJsonAsync(
            "user/bob/api/sessions", new { path = "a.ipynb", type = "notebook", name = "a", kernel = new { name } }, s_cancel);
        Assert.False(session.IsSuccessStatusCode);
        Assert.Contains("certain groups", await session.Content.ReadAsStringAsync(s_cancel), StringComparison.Ordinal);
        Assert.Empty(_hub.Spawner.Requests);
        Assert.Equal(HttpStatusCode.Created, (await StartAsync("ada", name)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await StartAsync("admin", name)).StatusCode);
    }

    [Fact]
    public async Task What_is_not_there_is_answered_with_what_is_there_for_them_alone()
    {
        using HttpResponseMessage answer = await StartAsync("bob", "nothing");
        string said = await answer.Content.ReadAsStringAsync(s_cancel);
        Assert.Contains("python3", said, StringComparison.Ordinal);
        Assert.DoesNotContain("gpu", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_leaves_the_group_keeps_the_kernel_that_runs_and_gets_no_new_one()
    {
        using HttpResponseMessage started = await StartAsync("ada", "gpu");
        string id = (await started.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["id"]!.GetValue<string>();
        using HttpRequestMessage leave = new(HttpMethod.Delete, "hub/api/groups/physicists/users") { Content = JsonContent.Create(new { users = new[] { "ada" } }) };
        (await _admin.SendAsync(leave, s_cancel)).EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.OK, (await _admin.GetAsync($"user/ada/api/kernels/{id}", s_cancel)).StatusCode);
        using HttpResponseMessage restart = await _admin.PostAsync($"user/ada/api/kernels/{id}/restart", null, s_cancel);
        Assert.Contains("certain groups", await restart.Content.ReadAsStringAsync(s_cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await StartAsync("ada", "gpu")).StatusCode);
        Assert.Single(_hub.Spawner.Requests);
    }

    [Fact]
    public async Task A_class_gives_its_environment_to_nobody_who_may_not_use_it_and_its_group_can_be_named()
    {
        JsonObject made = await _hub.Hub.CreateClassAsync("admin");
        (await _admin.PatchAsJsonAsync($"hub/api/classes/{made.Id()}", new { environment = "gpu" }, s_cancel)).EnsureSuccessStatusCode();
        (await _admin.PutAsJsonAsync($"hub/api/classes/{made.Id()}/members/bob", new { role = "student" }, s_cancel)).EnsureSuccessStatusCode();

        Assert.Equal("python3", await DefaultAsync("bob"));
        using HttpResponseMessage started = await StartAsync("bob", null);
        Assert.Equal("python3", (await started.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["name"]!.GetValue<string>());

        // Of the class' own environment, which the panel or the settings give to the group of its students, it is the default.
        (await _admin.PostAsJsonAsync("hub/api/environments", new { name = "course", settings = new { image = "course:1", groups = new[] { made["group"]!.GetValue<string>() } } }, s_cancel)).EnsureSuccessStatusCode();
        (await _admin.PatchAsJsonAsync($"hub/api/classes/{made.Id()}", new { environment = "course" }, s_cancel)).EnsureSuccessStatusCode();
        (string guest, CookieContainer _) = await _hub.Hub.JoinAsGuestAsync(made.Code());
        Assert.Equal(["course", "python3"], await SpecsAsync(guest));
        Assert.Equal("course", await DefaultAsync(guest));
        Assert.Equal(["gpu", "python3"], await SpecsAsync("ada"));
    }

    [Fact]
    public async Task Who_makes_a_class_gives_it_only_what_they_may_use()
    {
        JsonObject token = await (await _admin.PostAsJsonAsync("hub/api/users/bob/tokens", new { }, s_cancel)).Content.ReadFromJsonAsync<JsonObject>(s_cancel) ?? [];
        using HttpClient bob = _hub.Hub.Client(token["token"]!.GetValue<string>());
        JsonObject made = await _hub.Hub.CreateClassAsync("bob");
        using HttpResponseMessage refused = await bob.PatchAsJsonAsync($"hub/api/classes/{made.Id()}", new { environment = "gpu" }, s_cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("certain groups", await refused.Content.ReadAsStringAsync(s_cancel), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> StartAsync(string user, string? name) => _admin.PostAsJsonAsync($"user/{user}/api/kernels", new { name }, s_cancel);

    private async Task<string[]> SpecsAsync(string user) =>
        [.. (await _admin.GetFromJsonAsync<JsonObject>($"user/{Uri.EscapeDataString(user)}/api/kernelspecs", s_cancel))!["kernelspecs"]!.AsObject().Select(spec => spec.Key).Order(StringComparer.Ordinal)];

    private async Task<string> DefaultAsync(string user) =>
        (await _admin.GetFromJsonAsync<JsonObject>($"user/{Uri.EscapeDataString(user)}/api/kernelspecs", s_cancel))!["default"]!.GetValue<string>();
}
