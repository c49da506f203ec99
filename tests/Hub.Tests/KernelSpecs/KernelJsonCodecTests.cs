using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Hub.KernelSpecs;
using Spawner;
using Xunit;

namespace Hub.Tests.KernelSpecs;

public sealed class KernelJsonCodecTests
{
    [Fact]
    public void A_kernel_json_is_read_whole()
    {
        KernelSpec spec = Read("""
            {"argv": ["R", "-e", "IRkernel::main()", "--args", "{connection_file}"], "display_name": "R", "language": "R",
             "env": {"A": "b", "N": 1}, "interrupt_mode": "message", "metadata": {"debugger": true}, "kernel_protocol_version": "5.5", "unknown": []}
            """);
        Assert.Equal(("R", "R", InterruptMode.Message, "5.5"), (spec.DisplayName, spec.Language, spec.InterruptMode, spec.ProtocolVersion));
        Assert.Equal("{connection_file}", spec.Argv[4]);
        Assert.Equal(new Dictionary<string, string> { ["A"] = "b" }, spec.Environment);
        Assert.True(spec.Metadata["debugger"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{\"display_name\": \"x\"}", "argv")]
    [InlineData("{\"argv\": [], \"display_name\": \"x\"}", "argv")]
    [InlineData("{\"argv\": [1], \"display_name\": \"x\"}", "argv")]
    [InlineData("{\"argv\": [\"x\"]}", "display_name")]
    [InlineData("{\"argv\": [\"x\"], \"argv\": [\"y\"], \"display_name\": \"x\"}", "")]
    [InlineData("{\"argv\": [\"x\"], \"display_name\": \"x\", \"interrupt_mode\": \"shout\"}", "interrupt_mode")]
    public void What_is_wrong_is_said(string json, string why)
    {
        Assert.False(KernelJsonCodec.TryRead("x", null, Encoding.UTF8.GetBytes(json), out _, out string? problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void No_bytes_break_it() =>
        Check.QuickThrowOnFailure(Prop.ForAll<byte[]>(bytes => KernelJsonCodec.TryRead("x", null, bytes, out KernelSpec? spec, out string? problem)
            ? spec is not null
            : problem is not null));

    private static KernelSpec Read(string json)
    {
        Assert.True(KernelJsonCodec.TryRead("name", null, Encoding.UTF8.GetBytes(json), out KernelSpec? spec, out string? problem), problem);
        return spec;
    }
}
