using System.Text.Json;
using Wire.Jupyter;
using Xunit;
using static Wire.Tests.Jupyter.Messages;

namespace Wire.Tests.Jupyter;

public sealed class ConnectionInfoTests
{
    private const string File = """
        {
          "shell_port": 1001, "iopub_port": "1002", "stdin_port": 1003, "control_port": 1004, "hb_port": 1005,
          "ip": "127.0.0.1", "key": "a-b", "transport": "tcp", "signature_scheme": "hmac-sha512",
          "kernel_name": "python3", "jupyter_session": "/n.ipynb", "later": {"a": [1, "2"]}
        }
        """;

    [Fact]
    public void A_connection_file_is_read_with_numbers_written_as_text_too()
    {
        var info = ConnectionInfo.Parse(Utf8(File));
        Assert.Equal((1001, 1002, 1003, 1004, 1005), (info.ShellPort, info.IOPubPort, info.StdinPort, info.ControlPort, info.HeartbeatPort));
        Assert.Equal(("tcp", "127.0.0.1", "a-b", "hmac-sha512"), (info.Transport, info.Ip, info.Key, info.SignatureScheme));
        Assert.Equal(["jupyter_session", "kernel_name", "later"], info.Others.Keys.Order());
    }

    [Fact]
    public void What_was_read_is_written_again_with_keys_nobody_knows()
    {
        using var before = JsonDocument.Parse(File.Replace("\"1002\"", "1002", StringComparison.Ordinal));
        using var after = JsonDocument.Parse(ConnectionInfo.Parse(Utf8(File)).ToJson());
        Assert.True(JsonElement.DeepEquals(before.RootElement, after.RootElement));
    }

    [Fact]
    public void Missing_ports_are_for_the_kernel_to_choose()
    {
        var info = ConnectionInfo.Parse(Utf8("""{"ip":"/run/k","transport":"ipc","hb_port":null}"""));
        Assert.Equal((0, 0, "", "hmac-sha256"), (info.ShellPort, info.HeartbeatPort, info.Key, info.SignatureScheme));
    }

    [Theory]
    [InlineData("tcp", "127.0.0.1", "tcp://127.0.0.1:5")]
    [InlineData("tcp", "::1", "tcp://[::1]:5")]
    [InlineData("tcp", "[::1]", "tcp://[::1]:5")]
    [InlineData("tcp", "kernel.example", "tcp://kernel.example:5")]
    [InlineData("ipc", "/run/kernel/k", "ipc:///run/kernel/k-5")]
    public void Each_channel_has_an_address(string transport, string ip, string expected) =>
        Assert.Equal(expected, new ConnectionInfo(transport, ip, 1, 2, 3, 4, 5, "").Url(KernelChannel.Heartbeat));

    [Fact]
    public void Channels_do_not_share_a_port()
    {
        var info = new ConnectionInfo("tcp", "h", 1, 2, 3, 4, 5, "");
        Assert.Equal([1, 2, 3, 4, 5], Enum.GetValues<KernelChannel>().Select(info.Port));
    }

    [Theory]
    [InlineData("[]", "not an object")]
    [InlineData("{", "not JSON")]
    [InlineData("""{"shell_port":-1}""", "shell_port")]
    [InlineData("""{"shell_port":65536}""", "shell_port")]
    [InlineData("""{"hb_port":"x"}""", "hb_port")]
    [InlineData("""{"hb_port":1.5}""", "hb_port")]
    [InlineData("""{"key":5}""", "key")]
    [InlineData("""{"transport":"udp"}""", "udp")]
    [InlineData("""{"ip":"\ud800"}""", "no text")]
    public void A_file_that_is_wrong_is_refused_by_the_name_of_the_key(string json, string named) =>
        Assert.Contains(named, Assert.Throws<MessageFormatException>(() => ConnectionInfo.Parse(Utf8(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_key_does_not_get_into_logs() =>
        Assert.DoesNotContain("secret", new ConnectionInfo("tcp", "h", 1, 2, 3, 4, 5, "secret").ToString(), StringComparison.Ordinal);
}
