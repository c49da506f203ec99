using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Testing;
using Xunit;

namespace Hub.Tests.Terminals;

/// <summary>Terminals in containers. The engine is the one <c>HUB_TEST_DOCKER</c> names.</summary>
public sealed class TerminalContainerTests : IAsyncLifetime
{
    private const string Engine = "HUB_TEST_DOCKER";

    private readonly string _data = Directory.CreateTempSubdirectory("hub-dock-").FullName;
    private TerminalHub? _hub;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists(Environment.GetEnvironmentVariable(Engine)), $"{Engine} names no engine.");
        // Terminals are to reach their homes with their own uid.
        File.SetUnixFileMode(_data, File.GetUnixFileMode(_data) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        _hub = await StartAsync(stays: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
            await (await StartAsync(stays: false)).DisposeAsync();
        }
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task A_terminal_is_a_container_of_its_user_behind_the_walls_of_a_kernel_and_outlives_the_hub()
    {
        string name = await _hub!.OpenTerminalAsync(new { environment = "small" });
        TerminalPage page = await _hub.OpenPageAsync(name);
        await page.ResizeAsync(30, 100);
        // The prompt has a name though the image knows no such user.
        await page.ShowsAsync("admin@terminal:~$");
        await page.RunAsync("ls /sys/class/net; touch /usr/x; stty size; echo here-$((1+1))", "here-2");
        Assert.Contains("\r\nlo\r\n", page.Shown.Replace("\u001b[?2004l\r", "\r\n", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Read-only file system", page.Shown, StringComparison.Ordinal);
        Assert.Contains("30 100", page.Shown, StringComparison.Ordinal);
        await page.RunAsync("cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; echo kept > kept.txt; x=mine-42; echo saved-$((1+1))", "saved-2");
        Assert.Contains("134217728", page.Shown, StringComparison.Ordinal);
        Assert.Equal("kept\n", await _hub.Client.GetStringAsync("files/kept.txt", Cancelled));
        Assert.Single(await _hub.SpawnedAsync());
        Assert.Equal("[]", await _hub.Client.GetStringAsync("api/kernels", Cancelled));
        await _hub.DisposeAsync();
        await page.Closed;

        _hub = await StartAsync(stays: true);
        await using TerminalPage again = await _hub.OpenPageAsync(name);
        await again.ShowsAsync("saved-2");
        await again.RunAsync("echo still-$x", "still-mine-42");
        Assert.Equal(HttpStatusCode.NoContent, (await _hub.Client.DeleteAsync($"api/terminals/{name}", Cancelled)).StatusCode);
        Assert.Empty(await _hub.SpawnedAsync());
        await page.DisposeAsync();
    }

    [Fact]
    public async Task A_program_that_needs_too_much_memory_dies_and_its_terminal_lives()
    {
        await using TerminalPage page = await _hub!.OpenPageAsync(await _hub.OpenTerminalAsync(new { environment = "small" }));
        await page.RunAsync("python3 -c 'x = bytearray(400 << 20)'; echo code-$?", "code-137");
        await page.RunAsync("echo alive-$((1+1))", "alive-2");
    }

    [Fact]
    public async Task An_image_without_python_is_refused_by_the_name_of_what_it_lacks()
    {
        using HttpResponseMessage answer = await _hub!.Client.PostAsJsonAsync("api/terminals", new { environment = "bare" }, Cancelled);
        JsonObject failed = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        Assert.Equal((HttpStatusCode.InternalServerError, "no_python"), (answer.StatusCode, failed["reason"]!.GetValue<string>()));
        Assert.Contains("needs Python 3 (python3) in its environment, and 'bare' has none", failed["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(await _hub.NamesAsync());
        Assert.Empty(await _hub.SpawnedAsync());
    }

    private Task<TerminalHub> StartAsync(bool stays) => TerminalHub.StartAsync(
        _data, stays, null, "Hub:Spawner=docker", $"Docker:Socket={Environment.GetEnvironmentVariable(Engine)}", "Terminals:MemoryBytes=134217728",
        "Kernels:Specs:small:Image=notebook-hub/minimal", "Kernels:Specs:bare:Image=debian:bookworm-slim", "Kernels:Specs:bare:Language=shell", "Kernels:Specs:bare:Argv:0=sh", "Kernels:Specs:bare:Argv:1={connection_file}");
}
