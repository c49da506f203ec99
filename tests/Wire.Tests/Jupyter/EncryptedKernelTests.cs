using Testing;
using Wire.Jupyter;
using Wire.Zmtp;
using Wire.Zmtp.Curve;
using Xunit;

namespace Wire.Tests.Jupyter;

/// <summary>The whole client against a kernel whose libzmq sockets speak CURVE (<c>little_kernel.py</c>).</summary>
public sealed class EncryptedKernelTests
{
    [Theory, InlineData("tcp"), InlineData("ipc")]
    public async Task Cells_input_heartbeat_and_shutdown_travel_encrypted(string transport)
    {
        await using var kernel = RealKernel.Start("curve", transport);
        Assert.NotNull(kernel.Connection.CurveSecretKey);
        await using var tab = new ClientSide(kernel.Connection);
        await kernel.Ready(tab);

        var (_, outputs) = await tab.Finished(await tab.Execute("hello"));
        Assert.Equal("hello", ClientSide.Json(outputs.Single(output => output.MessageType == MessageTypes.Stream)).GetProperty("text").GetString());

        var asking = await tab.Execute("ask", allowStdin: true);
        var question = await tab.Next(MessageTypes.InputRequest);
        await tab.Send(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "typed" }, question);
        (_, outputs) = await tab.Finished(asking);
        Assert.Equal("typed", ClientSide.Json(outputs.Single(output => output.MessageType == MessageTypes.Stream)).GetProperty("text").GetString());

        Assert.True(await tab.Client.PingAsync(Eventually.Timeout, CancellationToken.None));
        await tab.Send(KernelChannel.Control, MessageTypes.ShutdownRequest, new { restart = false });
        await Eventually.Comes(kernel.Exited());
    }

    [Fact]
    public async Task A_client_that_knows_only_the_public_key_makes_a_pair_of_its_own()
    {
        await using var kernel = RealKernel.Start("curve", "ipc");
        await using var tab = new ClientSide(kernel.Connection with { CurveSecretKey = null });
        await kernel.Ready(tab);
        await tab.Finished(await tab.Execute("hello"));
    }

    [Fact]
    public async Task A_kernel_with_another_key_is_not_believed()
    {
        await using var kernel = RealKernel.Start("curve", "ipc");
        await using (var owner = new ClientSide(kernel.Connection))
            await kernel.Ready(owner);
        TaskCompletionSource<ZmtpEvent> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using KernelClient stranger = new(kernel.Connection.WithFreshCurveKeys(), "stranger", TimeProvider.System)
        {
            OnTransport = (_, happened) =>
            {
                if (happened is ZmtpEvent.HandshakeFailed)
                    failed.TrySetResult(happened);
            },
        };
        stranger.Start(_ => ValueTask.CompletedTask);
        var happened = (ZmtpEvent.HandshakeFailed)await Eventually.Comes(failed.Task);
        Assert.Contains(happened.Reason, new[] { ZmtpCloseReason.PeerClosed, ZmtpCloseReason.TransportFailed });
        Assert.False(stranger.IsConnected);
    }

    [Fact]
    public void Keys_of_the_file_are_read_written_and_never_shown()
    {
        var fresh = new ConnectionInfo("tcp", "127.0.0.1", 1, 2, 3, 4, 5, "k").WithFreshCurveKeys();
        var read = ConnectionInfo.Parse(fresh.ToJson());
        Assert.Equal((fresh.CurvePublicKey, fresh.CurveSecretKey), (read.CurvePublicKey, read.CurveSecretKey));
        Assert.Empty(read.Others);
        Assert.DoesNotContain(fresh.CurveSecretKey!, fresh.ToString(), StringComparison.Ordinal);
        using var pair = CurveKeyPair.Parse(read.CurvePublicKey!, read.CurveSecretKey!);
        Assert.Equal(read.CurvePublicKey, pair.PublicText);
    }

    [Theory]
    [InlineData("""{"curve_publickey":"short"}""", "curve_publickey")]
    [InlineData("""{"curve_publickey":7}""", "curve_publickey")]
    [InlineData("""{"curve_secretkey":"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"}""", "curve_publickey is not")]
    public void A_file_with_half_a_key_is_refused(string file, string named) =>
        Assert.Contains(named, Assert.Throws<MessageFormatException>(() => ConnectionInfo.Parse(Messages.Utf8(file))).Message, StringComparison.Ordinal);
}
