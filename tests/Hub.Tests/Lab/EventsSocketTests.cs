using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Events;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Lab;

/// <summary>What pages are told about their user's kernels.</summary>
public sealed class EventsSocketTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_page_hears_of_its_users_kernels_and_of_nobody_elses()
    {
        await using HubFixture hub = await StartAsync();
        using ClientWebSocket page = await ConnectAsync(hub);
        EventStream events = hub.Services.GetRequiredService<EventStream>();
        events.Publish(new HubEvent.KernelStarting(Now, "somebody", "k0", "python3", "x.ipynb", 1, "no"));
        events.Publish(new HubEvent.SignedIn(Now, "admin"));
        events.Publish(new HubEvent.KernelStarting(Now, "admin", "k1", "python3", "dir/x.ipynb", 40, "Starting the container"));
        events.Publish(new HubEvent.KernelReady(Now, "admin", "k1", "python3", "dir/x.ipynb"));
        events.Publish(new HubEvent.KernelStartFailed(Now, "admin", "k2", "python3", "", "image", "The image is missing."));
        events.Publish(new HubEvent.KernelDied(Now, "admin", "k1", "python3", "dir/x.ipynb", "out-of-memory", "Too much memory."));
        Assert.Equal(
            """{"schema_id":"urn:notebook-hub:kernel-start:v1","kernel_id":"k1","kernel_name":"python3","path":"dir/x.ipynb","state":"starting","progress":40,"message":"Starting the container","cause":""}""",
            await ReadAsync(page));
        Assert.Equal("ready", JsonNode.Parse(await ReadAsync(page))!["state"]!.GetValue<string>());
        JsonNode failed = JsonNode.Parse(await ReadAsync(page))!;
        Assert.Equal(("failed", "image", "The image is missing."), (failed["state"]!.GetValue<string>(), failed["cause"]!.GetValue<string>(), failed["message"]!.GetValue<string>()));
        Assert.Equal(
            """{"schema_id":"urn:notebook-hub:kernel-died:v1","kernel_id":"k1","kernel_name":"python3","path":"dir/x.ipynb","cause":"out-of-memory","message":"Too much memory."}""",
            await ReadAsync(page));
    }

    [Fact]
    public async Task The_socket_closes_when_the_server_is_stopped()
    {
        await using HubFixture hub = await StartAsync();
        using ClientWebSocket page = await ConnectAsync(hub);
        await hub.Client().DeleteAsync("hub/api/users/admin/server");
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await ClosedAsync(page));
    }

    [Fact]
    public async Task The_socket_closes_when_the_right_to_listen_ends()
    {
        await using HubFixture hub = await StartAsync();
        using ClientWebSocket page = await ConnectAsync(hub);
        CallerWatch watch = hub.Services.GetRequiredService<CallerWatch>();
        User admin = (await hub.Services.GetRequiredService<AccountsStore>().FindAsync("admin", CancellationToken.None))!;
        watch.EndUser(admin.Id);
        // Broken off without a farewell, which a page that held on to it could ignore.
        await Assert.ThrowsAsync<WebSocketException>(() => ClosedAsync(page));
    }

    [Fact]
    public async Task A_stopping_hub_lets_go_of_its_pages_at_once()
    {
        HubFixture hub = await StartAsync();
        using ClientWebSocket page = await ConnectAsync(hub);
        Task stopped = hub.DisposeAsync().AsTask();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await ClosedAsync(page));
        await Eventually.Comes(stopped);
    }

    [Fact]
    public async Task Sockets_are_bounded_per_user_and_a_closed_one_makes_room()
    {
        await using HubFixture hub = await StartAsync("Lab:MaxEventSockets=2");
        using ClientWebSocket first = await ConnectAsync(hub);
        using ClientWebSocket second = await ConnectAsync(hub);
        using (ClientWebSocket third = Client())
        {
            await Assert.ThrowsAsync<WebSocketException>(() => third.ConnectAsync(Address(hub), CancellationToken.None));
            Assert.Equal(HttpStatusCode.TooManyRequests, third.HttpStatusCode);
        }
        await first.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await Eventually.Holds(async () =>
        {
            using ClientWebSocket fourth = Client();
            try
            {
                await fourth.ConnectAsync(Address(hub), CancellationToken.None);
                return true;
            }
            catch (WebSocketException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Asked_for_without_a_WebSocket_it_says_what_it_is()
    {
        await using HubFixture hub = await StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await hub.Client().GetAsync("user/admin/api/events/subscribe")).StatusCode);
        using HttpResponseMessage refused = await hub.Client().PostAsync("user/admin/api/events", new StringContent("""{"schema_id": "urn:x", "version": "1", "data": {}}"""));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("urn:x", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<HubFixture> StartAsync(params string[] settings)
    {
        HubFixture hub = await HubFixture.StartAsync(settings);
        await hub.Client().PostAsync("hub/api/users/admin/server", null);
        return hub;
    }

    private static async Task<ClientWebSocket> ConnectAsync(HubFixture hub)
    {
        ClientWebSocket page = Client();
        await page.ConnectAsync(Address(hub), CancellationToken.None);
        // The handshake is answered a moment before the page is subscribed: publish until the first news arrives.
        EventStream events = hub.Services.GetRequiredService<EventStream>();
        Task<string> first = ReadAsync(page);
        await Eventually.Holds(() =>
        {
            if (!first.IsCompleted)
                events.Publish(new HubEvent.KernelReady(Now, "admin", "warm-up", "", ""));
            return first.IsCompleted;
        });
        // What was published too often is read away up to a mark of this page's own.
        string mark = Guid.NewGuid().ToString();
        events.Publish(new HubEvent.KernelReady(Now, "admin", mark, "", ""));
        while (!(await ReadAsync(page)).Contains(mark, StringComparison.Ordinal))
        {
        }
        return page;
    }

    private static ClientWebSocket Client()
    {
        ClientWebSocket socket = new();
        socket.Options.SetRequestHeader("Authorization", "token " + HubFixture.AdminToken);
        socket.Options.CollectHttpResponseDetails = true;
        return socket;
    }

    private static Uri Address(HubFixture hub) => new($"ws://{hub.Address.Authority}/user/admin/api/events/subscribe");

    private static async Task<string> ReadAsync(ClientWebSocket page)
    {
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult read = await Eventually.Comes(page.ReceiveAsync(buffer, CancellationToken.None));
        Assert.True(read is { MessageType: WebSocketMessageType.Text, EndOfMessage: true });
        return Encoding.UTF8.GetString(buffer, 0, read.Count);
    }

    private static async Task<WebSocketCloseStatus?> ClosedAsync(ClientWebSocket page)
    {
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult read;
        do
            read = await Eventually.Comes(page.ReceiveAsync(buffer, CancellationToken.None));
        while (read.MessageType != WebSocketMessageType.Close);
        return read.CloseStatus;
    }
}
