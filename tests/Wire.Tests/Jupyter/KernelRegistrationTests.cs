using System.Diagnostics;
using System.Text;
using Testing;
using Wire.Jupyter;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Jupyter.Messages;

namespace Wire.Tests.Jupyter;

/// <summary>Kernels that choose their ports themselves and tell them.</summary>
public sealed class KernelRegistrationTests : IAsyncDisposable
{
    private const string Ports = """{"kernel_id":"k","control_port":"5001","shell_port":"5002","stdin_port":"5003","iopub_port":"5004","hb_port":"5005"}""";

    private readonly KernelRegistration _registration = new(ZmtpEndpoint.Tcp("127.0.0.1", 0), TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _registration.DisposeAsync();

    /// <summary>A libzmq kernel that registers as xeus-zmq does (<c>little_kernel.py</c>), after somebody without the key has tried to.</summary>
    [Fact]
    public async Task A_kernel_registers_and_runs_cells()
    {
        var key = Guid.NewGuid().ToString();
        var file = Path.Combine(Path.GetTempPath(), $"registration-{Guid.NewGuid():N}.json");
        await File.WriteAllBytesAsync(file, _registration.FileFor("k", "127.0.0.1", key), Stop);
        var registered = _registration.AwaitAsync("127.0.0.1", key, Stop);
        using var kernel = Process.Start("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Jupyter", "little_kernel.py"), file]);
        try
        {
            var connection = await Eventually.Comes(registered);
            Assert.Equal(("tcp", "127.0.0.1", key), (connection.Transport, connection.Ip, connection.Key));
            await using var tab = new ClientSide(connection);
            await tab.Ready();
            await tab.Finished(await tab.Execute("hello"));
            await tab.Send(KernelChannel.Control, MessageTypes.ShutdownRequest, new { restart = false });
            // It got the acknowledgement it waited for: else it would have ended with an error.
            await Eventually.Comes(kernel.WaitForExitAsync(Stop));
            Assert.Equal(0, kernel.ExitCode);
            Assert.Equal(1, _registration.Refused);
        }
        finally
        {
            if (!kernel.HasExited)
                kernel.Kill();
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Each_kernel_is_known_by_its_key_and_answered_with_it()
    {
        var first = _registration.AwaitAsync("127.0.0.1", "first", Stop);
        var second = _registration.AwaitAsync("127.0.0.2", "second", Stop);
        await using var kernel = Dealer();
        await kernel.SendAsync(Signed("second", Ports), Stop);
        var answer = await Eventually.Comes(kernel.ReceiveAsync(Stop).AsTask());
        Assert.Equal(Signed("second", "ACK").Select(Text), Enumerable.Range(0, answer.Count).Select(i => Text(answer[i])));
        var connection = await Eventually.Comes(second);
        Assert.Equal(("127.0.0.2", 5001, 5002, 5003, 5004, 5005), (connection.Ip, connection.ControlPort, connection.ShellPort, connection.StdinPort, connection.IOPubPort, connection.HeartbeatPort));
        Assert.False(first.IsCompleted);

        // A restart registers again.
        var again = _registration.AwaitAsync("127.0.0.2", "second", Stop);
        await kernel.SendAsync(Signed("second", Ports.Replace("5001", "6001", StringComparison.Ordinal)), Stop);
        Assert.Equal(6001, (await Eventually.Comes(again)).ControlPort);
    }

    [Theory]
    [InlineData("no JSON"), InlineData("{}"), InlineData("[]")]
    [InlineData("""{"control_port":"5001","shell_port":"5001","stdin_port":"5003","iopub_port":"5004","hb_port":"5005"}""")]
    [InlineData("""{"control_port":"70000","shell_port":"5002","stdin_port":"5003","iopub_port":"5004","hb_port":"5005"}""")]
    public async Task What_is_no_registration_is_dropped_and_the_wait_goes_on(string content)
    {
        var awaited = _registration.AwaitAsync("127.0.0.1", "key", Stop);
        await using var kernel = Dealer();
        await kernel.SendAsync(Signed("key", content), Stop);
        await kernel.SendAsync(Signed("another key", Ports), Stop);
        await kernel.SendAsync([Utf8("one frame")], Stop);
        await kernel.SendAsync(Signed("key", Ports), Stop);
        await Eventually.Comes(awaited);
        Assert.Equal(3, _registration.Refused);
    }

    [Fact]
    public async Task A_wait_ends_with_its_token_and_with_the_socket()
    {
        using CancellationTokenSource given = new();
        var givenUp = _registration.AwaitAsync("127.0.0.1", "one", given.Token);
        var left = _registration.AwaitAsync("127.0.0.1", "two", Stop);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        await _registration.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => left);
    }

    [Theory]
    [InlineData(null, false), InlineData("", false), InlineData("5.4", false), InlineData("5.5", false), InlineData("5.6", true), InlineData("6.0", true), InlineData("new", false)]
    public void A_kernelspec_says_whether_its_kernel_registers(string? version, bool expected) => Assert.Equal(expected, KernelRegistration.IsSupportedBy(version));

    private DealerSocket Dealer()
    {
        DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(_registration.Endpoint);
        return dealer;
    }

    private static ReadOnlyMemory<byte>[] Signed(string key, string content)
    {
        using var signer = new MessageSigner(key);
        var signature = new byte[64];
        signer.Sign(Encoding.UTF8.GetBytes(content), default, default, default, signature);
        return [ZmqMessageCodec.Delimiter.ToArray(), signature, Utf8(content)];
    }
}
