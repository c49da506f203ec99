using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>The WebSocket's edge: what is refused, closed, and survived.</summary>
public sealed class KernelSocketTests
{
    [Theory]
    [InlineData("empty", 1007)]
    [InlineData("short", 1007)]
    [InlineData("too many offsets", 1007)]
    [InlineData("offset beyond the end", 1007)]
    [InlineData("offsets fall", 1007)]
    [InlineData("unknown channel", 1007)]
    [InlineData("header is no json", 1007)]
    [InlineData("no msg_id", 1007)]
    [InlineData("content is no json", 1007)]
    [InlineData("text is no json", 1007)]
    [InlineData("msg_id too long", 1007)]
    [InlineData("too big", 1009)]
    public async Task A_malformed_frame_closes_the_connection_with_the_reason_and_harms_nobody(string what, int code)
    {
        await using KernelHub hub = await KernelHub.StartAsync(null, null, "Kernels:MaxFrameBytes=100000");
        string id = await hub.StartKernelAsync();
        await using BrowserTab hostile = await hub.OpenTabAsync(id);
        await using BrowserTab honest = await hub.OpenTabAsync(id);
        await hostile.SendRawAsync(Malformed(what), what.StartsWith("text", StringComparison.Ordinal));
        await hostile.Closed;
        Assert.Equal(code, hostile.CloseCode);
        Assert.NotEmpty(hostile.CloseText!);
        await honest.RunToEndAsync("1+1");
        Assert.DoesNotContain(hub.Spawner.KernelOf(id).Received, m => m.Session == hostile.Session);
    }

    [Fact]
    public async Task A_tab_that_answers_no_ping_is_cut_off_and_one_that_does_stays()
    {
        await using KernelHub hub = await KernelHub.StartAsync(null, null, "Http:WebSocketPingSeconds=1");
        string id = await hub.StartKernelAsync();
        await using BrowserTab living = await hub.OpenTabAsync(id);
        // Nobody reads its socket, so nobody answers for it.
        await using BrowserTab vanished = await hub.OpenTabAsync(id, read: false);
        await Eventually.Holds(async () => (await hub.KernelAsync(id)).GetProperty("connections").GetInt32() == 2);
        await Eventually.Holds(async () => (await hub.KernelAsync(id)).GetProperty("connections").GetInt32() == 1);
        // Longer than the patience with a silent one.
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, TestContext.Current.CancellationToken);
        await living.RunToEndAsync("1+1");
        Assert.Null(living.CloseCode);
    }

    [Fact]
    public async Task A_tab_may_not_speak_on_iopub_and_learns_it()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string request = await tab.SendAsync(KernelChannel.IOPub, MessageTypes.Stream, new { name = "stdout", text = "forged" });
        await tab.NextAsync(m => m.ParentMessageId == request);
        Assert.Contains("iopub channel was left out", tab.TextOf(request), StringComparison.Ordinal);
        await tab.RunToEndAsync("1+1");
    }

    [Theory]
    [InlineData("wrong-token-0123456789", null, "b", HttpStatusCode.Forbidden)]
    [InlineData(null, null, "b", HttpStatusCode.Forbidden)]
    [InlineData(HubFixture.AdminToken, null, "other", HttpStatusCode.NotFound)]
    [InlineData(HubFixture.AdminToken, "long", "b", HttpStatusCode.BadRequest)]
    public async Task An_upgrade_is_refused_with_a_status(string? token, string? session, string kernel, HttpStatusCode status)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        Uri channels = hub.Channels(kernel == "other" ? Guid.NewGuid().ToString() : id);
        using ClientWebSocket socket = new();
        socket.Options.CollectHttpResponseDetails = true;
        if (token is not null)
            socket.Options.SetRequestHeader("Authorization", $"token {token}");
        UriBuilder url = new(channels) { Scheme = "ws", Query = "session_id=" + (session is null ? "s" : new string('x', 300)) };
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(url.Uri, CancellationToken.None));
        Assert.Equal(status, socket.HttpStatusCode);
    }

    [Fact]
    public async Task A_request_without_upgrade_is_told_what_is_missing()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        using HttpResponseMessage answer = await hub.Client.GetAsync($"api/kernels/{id}/channels");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("upgrade", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stalled_tab_slows_nobody_and_misses_nothing()
    {
        const int lines = 300;
        await using KernelHub hub = await KernelHub.StartAsync(null, null, "Kernels:TabQueueBytes=4000000");
        string id = await hub.StartKernelAsync();
        await using BrowserTab stalled = await hub.OpenTabAsync(id, read: false);
        await using BrowserTab healthy = await hub.OpenTabAsync(id);
        // Displays cannot be joined, so that the stalled tab's queue is full whatever its network holds; fewer messages than the high-water
        // mark of the kernel's publisher, which drops what it cannot send.
        string request = await healthy.RunAsync(string.Concat(Enumerable.Repeat("display 60000\n", 500)) + $"print {lines}");
        await healthy.DoneAsync(request);
        Assert.Equal(500, healthy.Of(request).Count(m => m.MessageType == MessageTypes.DisplayData));
        Assert.Equal(string.Concat(Enumerable.Range(0, lines).Select(i => $"line {i}\n")), healthy.TextOf(request));

        stalled.Resume();
        await stalled.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
        Assert.Equal(500, stalled.Of(request).Count(m => m.MessageType == MessageTypes.DisplayData));
        Assert.Equal(healthy.TextOf(request), stalled.TextOf(request));
        await stalled.RunToEndAsync("1+1");
    }

    [Fact]
    public async Task A_page_connects_by_its_cookie_from_here_alone_and_is_cut_off_by_signing_out()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await hub.Hub.CreateUserAsync("ada", "correct horse battery");
        (await hub.Hub.Client().PostAsync("hub/api/users/ada/server", null)).EnsureSuccessStatusCode();
        using HttpResponseMessage started = await hub.Hub.Client().PostAsync("user/ada/api/kernels", null);
        Uri channels = new(hub.Hub.Address, started.Headers.Location!.ToString() + "/channels");
        CookieContainer cookies = new();
        using HttpClient browser = await hub.Hub.SignInAsync("ada", "correct horse battery", cookies);
        Task<BrowserTab> OpenAsync(Uri where, string origin) => BrowserTab.OpenAsync(where, token: null, set: options =>
        {
            options.Cookies = cookies;
            options.SetRequestHeader("Origin", origin);
        });

        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(channels, "https://evil.example"));
        // Somebody else's kernel is not even said to exist.
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(hub.Channels(id), hub.Hub.Address.AbsoluteUri.TrimEnd('/')));
        await using BrowserTab page = await OpenAsync(channels, hub.Hub.Address.AbsoluteUri.TrimEnd('/'));
        await page.RunToEndAsync("1+1");
        await browser.GetAsync("hub/logout");
        await page.Closed;
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(channels, hub.Hub.Address.AbsoluteUri.TrimEnd('/')));
    }

    [Fact]
    public async Task A_hub_that_ends_tells_tabs_to_come_back_and_leaves_kernels_running()
    {
        await using FakeSpawner spawner = new();
        KernelHub hub = await KernelHub.StartAsync(spawner);
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        await hub.DisposeAsync();
        await tab.Closed;
        // Never 1000 or 1001: front ends would stay away.
        Assert.Equal(1012, tab.CloseCode);
        Assert.False(spawner.KernelOf(id).Died.IsCompleted);
    }

    private static byte[] Malformed(string what)
    {
        KernelMessage honest = KernelMessage.Create(KernelChannel.Shell, MessageTypes.ExecuteRequest, """{"code":"1"}"""u8.ToArray(), "s", TimeProvider.System);
        byte[] frame = WebSocketV1Codec.Encode(honest);
        switch (what)
        {
            case "empty":
                return [];
            case "short":
                return [1, 2, 3];
            case "too many offsets":
                BinaryPrimitives.WriteUInt64LittleEndian(frame, ulong.MaxValue);
                return frame;
            case "offset beyond the end":
                BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(16), 1UL << 60);
                return frame;
            case "offsets fall":
                BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(24), 1);
                return frame;
            case "unknown channel":
                frame.AsSpan(56, 5).Fill((byte)'x');
                return frame;
            case "header is no json":
                return WebSocketV1Codec.Encode(With(honest, header: "{"u8.ToArray()));
            case "no msg_id":
                return WebSocketV1Codec.Encode(With(honest, header: """{"msg_type":"execute_request"}"""u8.ToArray()));
            case "content is no json":
                return WebSocketV1Codec.Encode(With(honest, content: "nonsense"u8.ToArray()));
            case "text is no json":
                return "nonsense"u8.ToArray();
            case "msg_id too long":
                return WebSocketV1Codec.Encode(With(honest, header: Encoding.UTF8.GetBytes($$"""{"msg_id":"{{new string('x', 300)}}","msg_type":"execute_request","session":"s"}""")));
            default:
                return new byte[200_000];
        }
    }

    private static KernelMessage With(KernelMessage message, byte[]? header = null, byte[]? content = null) => new()
    {
        Channel = message.Channel,
        Header = header ?? message.Header,
        ParentHeader = message.ParentHeader,
        Metadata = message.Metadata,
        Content = content ?? message.Content,
    };
}
