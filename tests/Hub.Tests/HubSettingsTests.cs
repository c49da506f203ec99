using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Hub.Tests;

/// <summary>A wrong setting stops the start, in one line that names its key.</summary>
public sealed class HubSettingsTests
{
    [Theory]
    [InlineData("Http:Port=99999", "Http:Port")]
    [InlineData("Http:Port=many", "Http:Port")]
    [InlineData("Http:Prot=1", "Http:Prot")]
    [InlineData("Htpp:Port=1", "Htpp:Port")]
    [InlineData("Http:TrustedProxies:0=somewhere", "Http:TrustedProxies")]
    [InlineData("Lab:DefaultPage=emacs", "Lab:DefaultPage")]
    [InlineData("Lab:Assets=/nowhere", "Lab:Assets")]
    [InlineData("Kernels:Specs:r:Language=R", "Kernels:Specs:r:Image")]
    [InlineData("Hub:AdminToken=short", "Hub:AdminToken")]
    [InlineData("Hub:Spawner=magic", "Hub:Spawner")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string key)
    {
        string data = Directory.CreateTempSubdirectory("hub-settings-").FullName;
        try
        {
            Exception? failure = await Record.ExceptionAsync(async () =>
            {
                await using WebApplication hub = HubApplication.Create(
                    ["--data", data, "--urls", "http://127.0.0.1:0", "Hub:Spawner=process", "Logging:LogLevel:Default=None", setting]);
                await hub.StartAsync();
            });
            Assert.NotNull(failure);
            (string line, int exitCode) = Assert.NotNull(HubProcess.Explain(failure));
            Assert.Equal(2, exitCode);
            Assert.Contains(key, line, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', line);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task The_process_says_it_and_ends_with_2() => Assert.Equal(2, await HubProcess.RunAsync(["Http:Prot=1"]));

    [Fact]
    public async Task A_port_in_use_is_said_in_a_line()
    {
        using System.Net.Sockets.TcpListener taken = new(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        string data = Directory.CreateTempSubdirectory("hub-settings-").FullName;
        int exitCode = await HubProcess.RunAsync(["--port", $"{((System.Net.IPEndPoint)taken.LocalEndpoint).Port}", "--data", data, "Hub:Spawner=process", "Logging:LogLevel:Default=None"]);
        Directory.Delete(data, recursive: true);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public void A_failure_of_ours_keeps_its_stack_trace() => Assert.Null(HubProcess.Explain(new InvalidOperationException("a defect")));

    [Fact]
    public void The_command_line_wins_over_the_environment_with_either_prefix()
    {
        Environment.SetEnvironmentVariable("Hub__Lab__MaxWorkspaces", "11");
        Environment.SetEnvironmentVariable("Lab__MaxConfigSections", "12");
        try
        {
            ConfigurationManager settings = HubSettings.CreateBuilder(["Lab:MaxEventSockets=13", "Lab:MaxConfigSections=14"]).Configuration;
            Assert.Equal(("11", "13", "14"), (settings["Lab:MaxWorkspaces"], settings["Lab:MaxEventSockets"], settings["Lab:MaxConfigSections"]));
        }
        finally
        {
            Environment.SetEnvironmentVariable("Hub__Lab__MaxWorkspaces", null);
            Environment.SetEnvironmentVariable("Lab__MaxConfigSections", null);
        }
    }
}
