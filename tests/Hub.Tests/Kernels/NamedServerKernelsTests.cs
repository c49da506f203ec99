using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Events;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>Two servers of one person: what runs in one is nothing to the other, but for the files and the limits, which are the person's.</summary>
public sealed class NamedServerKernelsTests
{
    [Fact]
    public async Task Kernels_and_sessions_of_two_servers_do_not_mix_and_stopping_one_leaves_the_other()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpClient second = await SecondAsync(hub);
        // The same notebook, once in each.
        (string session, string kernel) = await OpenAsync(hub.Client, "user/admin");
        (string otherSession, string otherKernel) = await OpenAsync(second, "user/admin/second");
        Assert.NotEqual(kernel, otherKernel);
        Assert.Equal([kernel], await IdsAsync(hub.Client, "api/kernels"));
        Assert.Equal([otherKernel], await IdsAsync(second, "api/kernels"));
        Assert.Equal([session], await IdsAsync(hub.Client, "api/sessions"));
        Assert.Equal([otherSession], await IdsAsync(second, "api/sessions"));

        // Nothing of the other can be seen, changed or ended through this one.
        foreach (string path in new[] { $"api/kernels/{otherKernel}", $"api/kernels/{otherKernel}/executions", $"api/sessions/{otherSession}" })
            Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.GetAsync(path)).StatusCode);
        foreach (string path in new[] { $"api/kernels/{otherKernel}/interrupt", $"api/kernels/{otherKernel}/restart" })
            Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.PostAsync(path, null)).StatusCode);
        foreach (string path in new[] { $"api/kernels/{otherKernel}", $"api/sessions/{otherSession}" })
            Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await hub.Client.PostAsJsonAsync("api/kernels", new { kernel_id = otherKernel })).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest, (await hub.Client.PatchAsJsonAsync($"api/sessions/{session}", new { kernel = new { id = otherKernel } })).StatusCode);
        await Assert.ThrowsAsync<WebSocketException>(() => hub.OpenTabAsync(otherKernel));

        await using BrowserTab tab = await hub.OpenTabAsync(kernel);
        await using BrowserTab otherTab = await BrowserTab.OpenAsync(new Uri(second.BaseAddress!, $"api/kernels/{otherKernel}/channels"), HubFixture.AdminToken);
        await otherTab.RunToEndAsync("1+1");

        Assert.Equal(HttpStatusCode.NoContent, (await hub.Hub.Client().DeleteAsync("hub/api/users/admin/servers/second")).StatusCode);
        await otherTab.Closed;
        Assert.Equal(HttpStatusCode.FailedDependency, (await second.GetAsync("api/kernels")).StatusCode);
        await tab.RunToEndAsync("1+1");
        Assert.Equal([kernel], await IdsAsync(hub.Client, "api/kernels"));
        // It starts empty.
        await hub.Hub.Client().PostAsync("hub/api/users/admin/servers/second", null);
        Assert.Empty(await IdsAsync(second, "api/kernels"));
        Assert.Empty(await IdsAsync(second, "api/sessions"));
    }

    [Fact]
    public async Task A_restarted_hub_finds_each_kernel_in_its_server_and_ends_those_whose_server_is_gone()
    {
        string data = Directory.CreateTempSubdirectory("hub-named-").FullName;
        await using FakeSpawner spawner = new();
        string kernel, otherKernel, otherSession;
        await using (KernelHub before = await KernelHub.StartAsync(spawner, data))
        {
            using HttpClient second = await SecondAsync(before);
            (_, kernel) = await OpenAsync(before.Client, "user/admin");
            (otherSession, otherKernel) = await OpenAsync(second, "user/admin/second");
        }
        await using (KernelHub after = await KernelHub.StartAsync(spawner, data))
        {
            using HttpClient second = ClientOf(after, "second");
            Assert.Equal([kernel], await IdsAsync(after.Client, "api/kernels"));
            Assert.Equal([otherKernel], await IdsAsync(second, "api/kernels"));
            Assert.Equal([otherSession], await IdsAsync(second, "api/sessions"));
            await using BrowserTab tab = await BrowserTab.OpenAsync(new Uri(second.BaseAddress!, $"api/kernels/{otherKernel}/channels"), HubFixture.AdminToken);
            await tab.RunToEndAsync("1+1");
        }
        // A database that knows less than the machine, such as one restored from a backup.
        string fresh = Directory.CreateTempSubdirectory("hub-named-").FullName;
        await using (KernelHub another = await KernelHub.StartAsync(spawner, fresh))
        {
            await Eventually.Holds(async () => (await another.Spawner.ListAsync(CancellationToken.None)).All(one => one.KernelId != otherKernel));
            Assert.Equal([kernel], await IdsAsync(another.Client, "api/kernels"));
        }
        Directory.Delete(data, recursive: true);
        Directory.Delete(fresh, recursive: true);
    }

    [Fact]
    public async Task Kernels_count_for_the_person_whichever_server_they_are_of()
    {
        await using KernelHub hub = await KernelHub.StartAsync(settings: "Kernels:MaxPerUser=2");
        using HttpClient second = await SecondAsync(hub);
        await hub.StartKernelAsync();
        Assert.Equal(HttpStatusCode.Created, (await second.PostAsync("api/kernels", null)).StatusCode);
        foreach (HttpClient client in new[] { hub.Client, second })
        {
            using HttpResponseMessage full = await client.PostAsync("api/kernels", null);
            Assert.Equal(HttpStatusCode.Forbidden, full.StatusCode);
            Assert.Contains("2 running kernels", await full.MessageAsync(), StringComparison.Ordinal);
        }
        JsonObject status = (await second.GetFromJsonAsync<JsonObject>("api/status"))!;
        Assert.Equal(1, status["kernels"]!.GetValue<int>());
    }

    [Fact]
    public async Task Files_are_the_same_in_both_and_layouts_are_not()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpClient second = await SecondAsync(hub);
        using HttpResponseMessage saved = await second.PutAsJsonAsync("api/contents/a%20b.txt", new { type = "file", format = "text", content = "hello" });
        Assert.Equal(HttpStatusCode.Created, saved.StatusCode);
        Assert.Equal("/user/admin/second/api/contents/a%20b.txt", saved.Headers.Location!.OriginalString);
        Assert.Equal("hello", await hub.Client.GetStringAsync("files/a%20b.txt"));
        Assert.Equal("hello", await second.GetStringAsync("files/a%20b.txt"));
        Assert.Contains("src=\"/user/admin/second/files/a%20b.txt\"", await second.GetStringAsync("view/a%20b.txt"), StringComparison.Ordinal);
        Assert.Contains("/user/admin/second/kernelspecs/", await second.GetStringAsync("api/kernelspecs"), StringComparison.Ordinal);
        // A climbing or odd path is no way from one to the other.
        foreach (string path in new[] { "second/%2e%2e/api/kernels", "second%2Fapi/kernels", "/second/api/kernels" })
            Assert.Equal(HttpStatusCode.NotFound, (await RawAsync(hub.Hub, "/user/admin/" + path)).StatusCode);

        object layout = new { data = new { open = "x" }, metadata = new { id = "default" } };
        Assert.Equal(HttpStatusCode.NoContent, (await second.PutAsJsonAsync("lab/api/workspaces/default", layout)).StatusCode);
        Assert.Contains("open", await second.GetStringAsync("lab/api/workspaces/default"), StringComparison.Ordinal);
        Assert.DoesNotContain("open", await hub.Client.GetStringAsync("lab/api/workspaces/default"), StringComparison.Ordinal);
        using HttpClient admin = hub.Hub.Client();
        await admin.DeleteAsync("hub/api/users/admin/servers/second");
        await admin.PatchAsJsonAsync("hub/api/users/admin/servers/second", new { name = "third" });
        await admin.PostAsync("hub/api/users/admin/servers/third", null);
        using HttpClient third = ClientOf(hub, "third");
        Assert.Contains("open", await third.GetStringAsync("lab/api/workspaces/default"), StringComparison.Ordinal);
        await admin.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "hub/api/users/admin/servers/third") { Content = Json.Raw("""{"remove": true}""") });
        await admin.PostAsync("hub/api/users/admin/servers/third", null);
        Assert.DoesNotContain("open", await third.GetStringAsync("lab/api/workspaces/default"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_happens_in_one_server_is_told_to_its_own_pages()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpClient second = await SecondAsync(hub);
        using ClientWebSocket page = await ListenAsync(hub.Client.BaseAddress!);
        using ClientWebSocket otherPage = await ListenAsync(second.BaseAddress!);
        using HttpResponseMessage started = await second.PostAsync("api/kernels", null);
        string id = (await started.ObjectAsync()).Text("id")!;
        Assert.Equal(id, (await ReadAsync(otherPage)).Text("kernel_id"));
        string own = await hub.StartKernelAsync();
        // The first that this page hears is of its own server.
        Assert.Equal(own, (await ReadAsync(page)).Text("kernel_id"));

        await hub.Hub.Client().DeleteAsync("hub/api/users/admin/servers/second");
        while (otherPage.State == WebSocketState.Open)
        {
            if ((await otherPage.ReceiveAsync(new byte[4096], TestContext.Current.CancellationToken)).MessageType == WebSocketMessageType.Close)
                break;
        }
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, otherPage.CloseStatus);
        hub.Hub.Services.GetRequiredService<EventStream>().Publish(new HubEvent.KernelReady(TimeProvider.System.GetUtcNow(), "admin", "last", "python3", ""));
        JsonObject news;
        do
            news = await ReadAsync(page);
        while (news.Text("kernel_id") == own);
        Assert.Equal("last", news.Text("kernel_id"));
        await Eventually.Holds(async () => (await hub.Hub.Client().GetStringAsync("hub/api/audit?kind=server-stopped")).Contains("second", StringComparison.Ordinal));
    }

    private static async Task<HttpClient> SecondAsync(KernelHub hub)
    {
        using HttpResponseMessage started = await hub.Hub.Client().PostAsync("hub/api/users/admin/servers/second", null);
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
        return ClientOf(hub, "second");
    }

    private static HttpClient ClientOf(KernelHub hub, string server)
    {
        HttpClient client = hub.Hub.Client();
        client.BaseAddress = new Uri(hub.Hub.Address, $"user/admin/{server}/");
        return client;
    }

    private static async Task<(string Session, string Kernel)> OpenAsync(HttpClient client, string server)
    {
        using HttpResponseMessage answer = await client.PostAsJsonAsync("api/sessions", new { path = "a.ipynb", type = "notebook", name = "a" });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        JsonObject session = await answer.ObjectAsync();
        Assert.Equal($"/{server}/api/sessions/{session.Text("id")}", answer.Headers.Location!.OriginalString);
        return (session.Text("id")!, session["kernel"]!.AsObject().Text("id")!);
    }

    private static async Task<string[]> IdsAsync(HttpClient client, string path) =>
        [.. (await client.GetFromJsonAsync<JsonElement>(path)).EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];

    /// <summary>Sends the path as it stands, which <see cref="Uri"/> would tidy.</summary>
    private static async Task<HttpResponseMessage> RawAsync(HubFixture hub, string path)
    {
        using HttpClient client = hub.Client();
        Uri address = new($"{hub.Address.GetLeftPart(UriPartial.Authority)}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        return await client.GetAsync(address);
    }

    private static async Task<ClientWebSocket> ListenAsync(Uri server)
    {
        ClientWebSocket socket = new();
        socket.Options.SetRequestHeader("Authorization", $"token {HubFixture.AdminToken}");
        await socket.ConnectAsync(new UriBuilder(new Uri(server, "api/events/subscribe")) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<JsonObject> ReadAsync(ClientWebSocket socket)
    {
        byte[] frame = new byte[64 << 10];
        WebSocketReceiveResult read = await Eventually.Comes(socket.ReceiveAsync(frame, TestContext.Current.CancellationToken), "an event");
        return JsonNode.Parse(frame.AsSpan(0, read.Count))!.AsObject();
    }
}
