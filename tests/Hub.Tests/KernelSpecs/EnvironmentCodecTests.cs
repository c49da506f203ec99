using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.KernelSpecs;
using Xunit;

namespace Hub.Tests.KernelSpecs;

public sealed class EnvironmentCodecTests
{
    [Fact]
    public void Settings_come_back_as_they_were()
    {
        KernelSpecOptions settings = new()
        {
            DisplayName = "Zoë's",
            Image = "a:1",
            Argv = ["x", "{connection_file}"],
            Environment = new Dictionary<string, string> { ["UPPER_case"] = "1" },
            InterruptMode = global::Spawner.InterruptMode.Message,
            Groups = ["class-1"],
            Mounts = [new() { Source = "/a", Target = "/srv/a", ReadOnly = false }],
            Cpus = 0.5,
            IdleAfter = TimeSpan.FromMinutes(90),
        };
        JsonObject written = EnvironmentCodec.Write(settings);
        Assert.Equal("message", written["interrupt_mode"]!.GetValue<string>());
        Assert.Equal("1", written["environment"]!["UPPER_case"]!.GetValue<string>());
        Assert.Equal(written.ToJsonString(), EnvironmentCodec.Write(EnvironmentCodec.Read(written)).ToJsonString());
    }

    [Fact]
    public void What_is_not_said_or_null_has_its_default()
    {
        KernelSpecOptions settings = EnvironmentCodec.Read(JsonNode.Parse("""{"groups": null, "language": null, "memory_bytes": null}""")!.AsObject());
        Assert.Equal(EnvironmentCodec.Write(new KernelSpecOptions()).ToJsonString(), EnvironmentCodec.Write(settings).ToJsonString());
    }

    [Theory]
    [InlineData("""{"imagee": "a"}""", "imagee")]
    [InlineData("""{"memory_bytes": "much"}""", "memory_bytes")]
    [InlineData("""{"argv": ["a", null]}""", "argv holds a null")]
    [InlineData("""{"environment": {"A": null}}""", "environment holds a null")]
    [InlineData("""{"mounts": [{"source": null}]}""", "mounts holds a null")]
    [InlineData("""{"mounts": [{"from": "/a"}]}""", "mounts[0]")]
    [InlineData("""{"interrupt_mode": 1}""", "interrupt_mode")]
    [InlineData("""{"idle_after": "soon"}""", "idle_after")]
    public void What_is_wrong_is_named(string json, string what) =>
        Assert.Contains(what, Assert.Throws<JsonException>(() => EnvironmentCodec.Read(JsonNode.Parse(json)!.AsObject())).Message, StringComparison.Ordinal);
}
