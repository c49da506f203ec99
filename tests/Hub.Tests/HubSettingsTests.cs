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
    [InlineData("Http:Prot=1", "Did you mean Http:Port?")]
    [InlineData("Htpp:Port=1", "Did you mean Http:Port?")]
    [InlineData("Kernels:Specs:r:Imgae=x", "Did you mean Kernels:Specs:r:Image?")]
    [InlineData("Kernels:MaxPerUser:Ada=3", "Kernels:MaxPerUser is a single value")]
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

    [Theory]
    [InlineData("Kernels__MaxPreUser", "Kernels:MaxPerUser")]
    [InlineData("Hub__Lab__MaxWorkspace", "Lab:MaxWorkspaces")]
    [InlineData("HUB__HTPP__PORT", "HTTP:PORT")]
    [InlineData("Hub__Dta", "Hub:Data")]
    public void A_mistyped_variable_of_the_environment_is_named_with_the_nearest_setting(string variable, string nearest)
    {
        HubSettingsException refused = Assert.Throws<HubSettingsException>(() => CheckEnvironment(variable));
        Assert.Contains($"Did you mean {nearest}?", refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("the environment", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Other__Program")]
    [InlineData("Htpp__Port")]
    [InlineData("Logging__LogLevel__Default")]
    [InlineData("Hub__Kernels__Specs__r__Image")]
    [InlineData("Http__TrustedProxies__0")]
    public void What_is_known_or_may_be_another_programs_is_let_be(string variable) => CheckEnvironment(variable);

    [Theory]
    [InlineData("""{"Kernles": {"MaxPerUser": 3}}""", "Kernels:MaxPerUser")]
    [InlineData("""{"Lab": {"DefaultPgae": "lab"}}""", "Lab:DefaultPage")]
    public void A_mistyped_key_of_a_file_is_named_with_the_file(string json, string nearest)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("hub-settings-").FullName, "appsettings.json");
        File.WriteAllText(file, json);
        HubSettingsException refused = Assert.Throws<HubSettingsException>(() => HubSettings.RefuseUnknown(new ConfigurationBuilder().AddJsonFile(file).Build(), []));
        Assert.Contains($"Did you mean {nearest}?", refused.Message, StringComparison.Ordinal);
        Assert.Contains("appsettings.json", refused.Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    /// <summary>Behind a prefix that no hub of another test reads.</summary>
    private static void CheckEnvironment(string variable)
    {
        string prefix = $"T{Guid.NewGuid():N}_";
        Environment.SetEnvironmentVariable(prefix + variable, "1");
        HubSettings.RefuseUnknown(new ConfigurationBuilder().AddEnvironmentVariables(prefix).Build(), []);
    }

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
