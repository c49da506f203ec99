using Testing;
using Wire.Jupyter;
using Xunit;

namespace Wire.Tests.Jupyter;

/// <summary>The whole client against kernels nobody here wrote: Debian's python3-ipykernel, r-cran-irkernel and xpython.</summary>
public sealed class RealKernelTests
{
    [Theory]
    [InlineData("ipykernel", "tcp", "Python")]
    [InlineData("ipykernel", "ipc", "Python")]
    [InlineData("irkernel", "tcp", "R")]
    [InlineData("irkernel", "ipc", "R")]
    [InlineData("xeus-python", "tcp", "Python")]
    [InlineData("xeus-python", "ipc", "Python")]
    public async Task A_real_kernel_runs_cells_asks_for_input_is_interrupted_and_shut_down(string name, string transport, string language)
    {
        await using var kernel = RealKernel.Start(name, transport);
        await using var tab = new ClientSide(kernel.Connection);
        var info = await kernel.Ready(tab);
        Assert.Equal(language, ClientSide.Json(info).GetProperty("language_info").GetProperty("name").GetString(), ignoreCase: true);

        // 1+1: Python has a result, R displays it.
        var (reply, outputs) = await tab.Finished(await tab.Execute("1+1"));
        Assert.Equal("ok", Status(reply));
        var result = outputs.Single(output => output.MessageType is MessageTypes.ExecuteResult or MessageTypes.DisplayData);
        Assert.EndsWith("2", ClientSide.Json(result).GetProperty("data").GetProperty("text/plain").GetString(), StringComparison.Ordinal);

        // input(): asked on stdin, answered there.
        var asking = await tab.Execute(language == "R" ? "cat(paste('got', readline('Name? ')))" : "print('got ' + input('Name? '))", allowStdin: true);
        var question = await tab.Next(MessageTypes.InputRequest);
        Assert.Equal(asking.MessageId, question.ParentMessageId);
        await tab.Send(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "Zoe" }, question);
        (_, outputs) = await tab.Finished(asking);
        Assert.Contains("got Zoe", Stdout(outputs), StringComparison.Ordinal);

        Assert.True(await tab.Client.PingAsync(Eventually.Timeout, CancellationToken.None));

        // An error aborts the cell that waits behind it, whatever the kernel calls that.
        var failing = await tab.Execute(language == "R" ? "Sys.sleep(0.3); stop('first')" : "import time; time.sleep(0.3); raise ValueError('first')");
        var behind = await tab.Execute("2+2");
        Assert.Equal("error", Status((await tab.Finished(failing)).Reply));
        Assert.NotEqual("ok", Status(await tab.Reply(behind)));

        await InterruptedBy(name, kernel, tab, language);

        // And it still runs cells afterwards.
        (_, outputs) = await tab.Run(language == "R" ? "cat('after')" : "print('after')");
        Assert.Contains("after", Stdout(outputs), StringComparison.Ordinal);
        Assert.All(Enum.GetValues<KernelFaultKind>(), kind => Assert.Equal(0, tab.Client.FaultCount(kind)));

        await tab.Send(KernelChannel.Control, MessageTypes.ShutdownRequest, new { restart = false });
        await Eventually.Comes(kernel.Exited());
    }

    [Fact]
    public async Task A_real_kernel_gets_buffers_and_gives_them_back()
    {
        await using var kernel = RealKernel.Start("ipykernel", "ipc");
        await using var tab = new ClientSide(kernel.Connection);
        await kernel.Ready(tab);
        await tab.Finished(await tab.Execute("""
            def opened(comm, message):
                comm.on_msg(lambda message: comm.send({'n': len(message['buffers'])}, buffers=message['buffers']))
            get_ipython().kernel.comm_manager.register_target('mirror', opened)
            """));
        await tab.Send(KernelChannel.Shell, MessageTypes.CommOpen, new { comm_id = "c", target_name = "mirror", data = new { } });
        var big = new byte[2_000_000];
        new Random(1).NextBytes(big);
        await tab.Send(KernelChannel.Shell, MessageTypes.CommMessage, new { comm_id = "c", data = new { } }, null, ReadOnlyMemory<byte>.Empty, big, new byte[] { 0xff });
        var mirrored = await tab.Next(MessageTypes.CommMessage);
        Assert.Equal([0, big.Length, 1], mirrored.Buffers.Select(buffer => buffer.Length));
        Assert.True(mirrored.Buffers[1].Span.SequenceEqual(big));
    }

    // 400 at a time. A publisher of libzmq drops what is beyond 1000 messages when its reader, on a busy machine, gets no turn; and as it
    // learns what was read only in steps of 500, only the half of that is certain.
    [Fact]
    public async Task Ten_thousand_lines_of_a_real_kernel_arrive_in_order()
    {
        await using var kernel = RealKernel.Start("ipykernel", "ipc");
        await using var tab = new ClientSide(kernel.Connection);
        await kernel.Ready(tab);
        for (var cell = 0; cell < 25; cell++)
        {
            var (_, outputs) = await tab.Finished(await tab.Execute("for i in range(400): print(i, flush=True)"));
            Assert.Equal(string.Concat(Enumerable.Range(0, 400).Select(i => $"{i}\n")), Stdout(outputs));
        }
    }

    private static async Task InterruptedBy(string name, RealKernel kernel, ClientSide tab, string language)
    {
        await tab.Run("1");
        // The output says that the cell runs: an interrupt that came earlier would hit nothing.
        // Many short sleeps, since a signal that comes just before a long one does not shorten it.
        var naps = name == "xeus-python" ? 100 : 15_000;
        var sleeping = await tab.Execute(language == "R"
            ? $"cat('asleep\\n'); for (i in 1:{naps}) Sys.sleep(0.02)"
            : $"import time\nprint('asleep', flush=True)\nfor i in range({naps}): time.sleep(0.02)");
        await tab.Next(message => message.MessageType == MessageTypes.Stream && message.ParentMessageId == sleeping.MessageId);

        // R serves nothing on control while a cell runs; xeus-python 0.14 answers and lets the cell run on, and a signal would end it.
        if (name == "irkernel")
        {
            await kernel.Interrupt();
        }
        else
        {
            var interrupt = await tab.Send(KernelChannel.Control, MessageTypes.InterruptRequest, new { });
            Assert.Equal(MessageTypes.InterruptReply, (await tab.Reply(interrupt)).MessageType);
        }

        var (reply, _) = await tab.Finished(sleeping);
        Assert.True(Status(reply) is "error" or "abort" || name == "xeus-python", Status(reply));
    }

    private static string? Status(KernelMessage reply) => ClientSide.Json(reply).GetProperty("status").GetString();

    private static string Stdout(IEnumerable<KernelMessage> outputs) =>
        string.Concat(outputs.Where(output => output.MessageType == MessageTypes.Stream).Select(output => ClientSide.Json(output).GetProperty("text").GetString()));
}
