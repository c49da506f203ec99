using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Testing;
using Xunit;

namespace Hub.Tests;

/// <summary>One hub takes over from another: real processes on one data directory and one port, clients that never stop asking, and a kernel that runs on.</summary>
public sealed class ReplacementTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("hub-replace-").FullName;
    private readonly int _port = FreePort();
    private readonly List<Process> _hubs = [];
    private readonly StringBuilder _said = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });

    private string[] _database = [];

    private Uri Address => new($"http://127.0.0.1:{_port}/");

    public async ValueTask InitializeAsync()
    {
        _database = await HubFixture.DatabaseOfAsync(_data);
        _client.BaseAddress = Address;
        _client.DefaultRequestHeaders.Add("Authorization", "token " + HubFixture.AdminToken);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (Process hub in _hubs)
        {
            if (!hub.HasExited)
                hub.Kill();
            await Eventually.Comes(hub.WaitForExitAsync());
            hub.Dispose();
        }
        using Process stop = StartHub("stop-kernels");
        await Eventually.Comes(stop.WaitForExitAsync());
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task While_one_hub_takes_over_from_another_nobody_is_refused_and_kernels_and_tabs_live_on()
    {
        Process first = await StartAsync();
        (await _client.PostAsync("hub/api/users/admin/server", null)).EnsureSuccessStatusCode();
        using HttpResponseMessage made = await _client.PostAsJsonAsync("user/admin/api/kernels", new { name = "python3" });
        string id = (await made.Content.ReadFromJsonAsync<JsonObject>())!["id"]!.GetValue<string>();
        using ClientWebSocket tab = await OpenTabAsync(id);
        Assert.Equal("", await RunAsync(tab, "x = 41"));

        using CancellationTokenSource enough = new();
        Task<List<string>>[] askers = [.. Enumerable.Range(0, 4).Select(number => Task.Run(() => AskAsync(keepAlive: number == 3, enough.Token)))];
        Process second = await StartAsync("--replace");
        await Eventually.Comes(first.WaitForExitAsync());
        Assert.Equal(0, first.ExitCode);
        (WebSocketCloseStatus? code, long closedAt) = await ReadToEndAsync(tab);
        Assert.Equal(1012, (int?)code);

        using ClientWebSocket back = await OpenTabAsync(id);
        TestContext.Current.SendDiagnosticMessage($"The tab was back after {Stopwatch.GetElapsedTime(closedAt).TotalMilliseconds:0} ms");
        Assert.Equal("42\n", await RunAsync(back, "print(x + 1)"));
        await enough.CancelAsync();
        List<string>[] failures = await Task.WhenAll(askers);
        Assert.Empty(failures.SelectMany(one => one));
        Assert.False(second.HasExited);
    }

    [Fact]
    public async Task A_second_hub_on_the_same_data_directory_is_refused()
    {
        Process first = await StartAsync();
        Process second = StartHub("--port", "0");
        await Eventually.Comes(second.WaitForExitAsync());
        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"(process {first.Id}) already runs on the data directory {_data}", Said(), StringComparison.Ordinal);
        Assert.Contains("--replace", Said(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("hub/api/")).StatusCode);
    }

    [Fact]
    public async Task All_kernels_can_be_ended_while_the_hub_runs_and_it_serves_on()
    {
        Process hub = await StartAsync();
        (await _client.PostAsync("hub/api/users/admin/server", null)).EnsureSuccessStatusCode();
        for (int i = 0; i < 2; i++)
            (await _client.PostAsJsonAsync("user/admin/api/kernels", new { name = "python3" })).EnsureSuccessStatusCode();

        Process stop = StartHub("stop-all");
        await Eventually.Comes(stop.WaitForExitAsync());

        Assert.Equal(0, stop.ExitCode);
        Assert.Contains("2 kernels were ended.", Said(), StringComparison.Ordinal);
        Assert.Equal("[]", await _client.GetStringAsync("user/admin/api/kernels"));
        Assert.False(hub.HasExited);
        Process again = StartHub("stop-all");
        await Eventually.Comes(again.WaitForExitAsync());
        Assert.Contains("0 kernels were ended.", Said(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_that_removes_its_kernels_leaves_none()
    {
        Process hub = await StartAsync("--remove-kernels");
        (await _client.PostAsync("hub/api/users/admin/server", null)).EnsureSuccessStatusCode();
        (await _client.PostAsJsonAsync("user/admin/api/kernels", new { name = "python3" })).EnsureSuccessStatusCode();
        using (Process interrupt = Process.Start("kill", ["-INT", $"{hub.Id}"]))
            await Eventually.Comes(interrupt.WaitForExitAsync());
        await Eventually.Comes(hub.WaitForExitAsync());
        Assert.DoesNotContain("without the hub", Said(), StringComparison.Ordinal);
        Process stop = StartHub("stop-all");
        await Eventually.Comes(stop.WaitForExitAsync());
        Assert.Contains("0 kernels were ended.", Said(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_with_a_wrong_setting_replaces_nobody()
    {
        Process first = await StartAsync();
        Process second = StartHub("--replace", "Kernels:MaxPerUser=0");
        await Eventually.Comes(second.WaitForExitAsync());
        Assert.Equal(2, second.ExitCode);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("hub/api/")).StatusCode);
        Assert.False(first.HasExited);
    }

    [Fact]
    public async Task Where_no_hub_runs_or_one_was_killed_replacing_is_starting()
    {
        Process first = await StartAsync("--replace");
        first.Kill();
        await Eventually.Comes(first.WaitForExitAsync());
        await StartAsync("--replace");
    }

    [Fact]
    public async Task Whoever_ends_the_hub_is_told_which_kernels_run_on_and_can_end_them()
    {
        Process hub = await StartAsync();
        (await _client.PostAsync("hub/api/users/admin/server", null)).EnsureSuccessStatusCode();
        (await _client.PostAsJsonAsync("user/admin/api/kernels", new { name = "python3" })).EnsureSuccessStatusCode();
        using (Process interrupt = Process.Start("kill", ["-INT", $"{hub.Id}"]))
            await Eventually.Comes(interrupt.WaitForExitAsync());
        await Eventually.Comes(hub.WaitForExitAsync());
        Assert.Contains("One kernel runs on without the hub", Said(), StringComparison.Ordinal);
        Process stop = StartHub("stop-kernels");
        await Eventually.Comes(stop.WaitForExitAsync());
        Assert.Contains("One kernel was ended.", Said(), StringComparison.Ordinal);
    }

    /// <summary>Asks until told to stop; returns everything that was not an answer.</summary>
    private async Task<List<string>> AskAsync(bool keepAlive, CancellationToken enough)
    {
        List<string> failures = [];
        using HttpClient client = new(new SocketsHttpHandler { PooledConnectionLifetime = keepAlive ? Timeout.InfiniteTimeSpan : TimeSpan.Zero });
        while (!enough.IsCancellationRequested)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(new Uri(Address, "hub/api/"), CancellationToken.None);
                bool isShort = answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null;
                if (answer.StatusCode != HttpStatusCode.OK && !isShort)
                    failures.Add($"{(int)answer.StatusCode}");
            }
            catch (HttpRequestException failure)
            {
                failures.Add(failure.ToString());
            }
        }
        return failures;
    }

    private async Task<ClientWebSocket> OpenTabAsync(string id)
    {
        while (true)
        {
            ClientWebSocket tab = new();
            try
            {
                tab.Options.SetRequestHeader("Authorization", "token " + HubFixture.AdminToken);
                await tab.ConnectAsync(new Uri($"ws://127.0.0.1:{_port}/user/admin/api/kernels/{id}/channels?session_id={Guid.NewGuid():N}"), new CancellationTokenSource(Eventually.Timeout).Token);
                return tab;
            }
            catch (WebSocketException refused) when (refused.Message.Contains("503", StringComparison.Ordinal))
            {
                tab.Dispose(); // the leaving hub says to try again
            }
        }
    }

    /// <summary>What the code prints.</summary>
    private static async Task<string> RunAsync(ClientWebSocket tab, string code)
    {
        string request = Guid.NewGuid().ToString("N");
        JsonObject message = new()
        {
            ["channel"] = "shell",
            ["header"] = new JsonObject { ["msg_id"] = request, ["msg_type"] = "execute_request", ["session"] = "t", ["username"] = "t", ["date"] = "2026-01-01T00:00:00Z", ["version"] = "5.3" },
            ["parent_header"] = new JsonObject(),
            ["metadata"] = new JsonObject(),
            ["content"] = new JsonObject { ["code"] = code, ["silent"] = false, ["store_history"] = true, ["user_expressions"] = new JsonObject(), ["allow_stdin"] = false, ["stop_on_error"] = true },
        };
        await tab.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, CancellationToken.None);
        StringBuilder printed = new();
        for (bool replied = false, idle = false; !replied || !idle;)
        {
            JsonNode got = JsonNode.Parse(await ReadAsync(tab) ?? throw new InvalidOperationException("The tab was closed."))!;
            if (got["parent_header"]?["msg_id"]?.GetValue<string>() != request)
                continue;
            string type = got["header"]!["msg_type"]!.GetValue<string>();
            replied |= type == "execute_reply";
            idle |= type == "status" && got["content"]!["execution_state"]!.GetValue<string>() == "idle";
            if (type == "stream")
                printed.Append(got["content"]!["text"]!.GetValue<string>());
        }
        return printed.ToString();
    }

    private static async Task<(WebSocketCloseStatus?, long)> ReadToEndAsync(ClientWebSocket tab)
    {
        while (await ReadAsync(tab) is not null)
        {
        }
        return (tab.CloseStatus, Stopwatch.GetTimestamp());
    }

    private static async Task<string?> ReadAsync(ClientWebSocket tab)
    {
        using CancellationTokenSource late = new(Eventually.Timeout);
        using MemoryStream whole = new();
        byte[] buffer = new byte[8192];
        while (true)
        {
            WebSocketReceiveResult got = await tab.ReceiveAsync(buffer, late.Token);
            if (got.MessageType == WebSocketMessageType.Close)
                return null;
            whole.Write(buffer, 0, got.Count);
            if (got.EndOfMessage)
                return Encoding.UTF8.GetString(whole.ToArray());
        }
    }

    private async Task<Process> StartAsync(params string[] arguments)
    {
        int already = Said().Split("Application started.").Length;
        Process hub = StartHub(["--port", $"{_port}", .. arguments]);
        await Eventually.Holds(() => hub.HasExited || Said().Split("Application started.").Length > already);
        Assert.False(hub.HasExited, Said());
        return hub;
    }

    private Process StartHub(params string[] arguments)
    {
        string[] verb = arguments is ["stop-all" or "stop-kernels", ..] ? [arguments[0]] : [];
        // A suite that runs in the background of a script inherits a SIGINT that is ignored, and would hand it on.
        Process hub = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Hub.dll"), .. verb, "--data", _data, "Hub:Spawner=process", .. _database, .. arguments.Skip(verb.Length)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            EnvironmentVariables = { ["HUB_ADMIN_TOKEN"] = HubFixture.AdminToken },
        })!;
        hub.OutputDataReceived += Keep;
        hub.ErrorDataReceived += Keep;
        hub.BeginOutputReadLine();
        hub.BeginErrorReadLine();
        if (verb.Length == 0)
            _hubs.Add(hub);
        return hub;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_said)
            _said.AppendLine(line.Data);
    }

    private string Said()
    {
        lock (_said)
            return _said.ToString();
    }

    private static int FreePort()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
