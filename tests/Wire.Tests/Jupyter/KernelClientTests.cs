using Testing;
using Wire.Jupyter;
using Xunit;

namespace Wire.Tests.Jupyter;

public sealed class KernelClientTests
{
    public static TheoryData<string> Transports => ["ipc", "tcp"];

    [Theory, MemberData(nameof(Transports))]
    public async Task A_cell_runs_and_its_outputs_and_reply_come_back(string transport)
    {
        await using var kernel = FakeKernel.Start(transport == "tcp" ? FakeKernelOptions.OverTcp : null);
        await using var tab = new ClientSide(kernel.Connection);
        var info = await tab.Ready();
        Assert.Equal(MessageTypes.KernelInfoReply, info.MessageType);
        Assert.Equal(kernel.Session, info.Session);

        var (reply, outputs) = await tab.Finished(await tab.Execute("echo hello\n1+1"));

        Assert.Equal("ok", ClientSide.Json(reply).GetProperty("status").GetString());
        Assert.Equal(
            [MessageTypes.Status, MessageTypes.ExecuteInput, MessageTypes.Stream, MessageTypes.ExecuteResult, MessageTypes.Status],
            outputs.Select(output => output.MessageType));
        Assert.True(tab.Client.IsConnected);
    }

    [Fact]
    public async Task Nothing_of_the_questions_asked_until_ready_reaches_the_receiver()
    {
        await using var kernel = FakeKernel.Start();
        await using var tab = new ClientSide(kernel.Connection);
        await tab.Ready();
        await tab.Finished(await tab.Execute("1+1"));

        Assert.DoesNotContain(tab.Seen, message => message.MessageType is MessageTypes.KernelInfoReply or MessageTypes.IOPubWelcome);
        // What remains is the cell's, and the one status without a cause.
        Assert.All(tab.Seen, message => Assert.True(
            message.ParentFields.IsEmpty ? ClientSide.Json(message).GetProperty("execution_state").GetString() == "starting" : message.ParentSession == tab.Client.Session));
        Assert.DoesNotContain(tab.Seen, message => message.ParentMessageId.StartsWith("nudge-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_kernel_with_the_habits_of_R_becomes_ready_and_runs_a_cell()
    {
        await using var kernel = FakeKernel.Start(FakeKernelOptions.LikeR);
        await using var tab = new ClientSide(kernel.Connection);
        await tab.Ready();
        var (reply, _) = await tab.Finished(await tab.Execute("1+1"));
        Assert.Equal(tab.Client.Session, reply.Session);
    }

    [Fact]
    public async Task A_kernel_that_says_nothing_is_told_from_one_that_is_not_there()
    {
        await using var kernel = FakeKernel.Start(new FakeKernelOptions { Welcome = false, AnswersShell = false, AnswersControl = false });
        await using var tab = new ClientSide(kernel.Connection);
        await Eventually.Holds(() => tab.Client.IsConnected);
        var silent = await Assert.ThrowsAsync<TimeoutException>(() => tab.Client.WaitUntilReadyAsync(TimeSpan.FromMilliseconds(300), CancellationToken.None));
        Assert.Contains("neither answered kernel_info_request", silent.Message, StringComparison.Ordinal);

        await using var nobody = new ClientSide(kernel.Connection with { Ip = kernel.Connection.Ip + "-nowhere" });
        var away = await Assert.ThrowsAsync<TimeoutException>(() => nobody.Client.WaitUntilReadyAsync(TimeSpan.FromMilliseconds(300), CancellationToken.None));
        Assert.Contains("no connection", away.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_was_there_before_the_kernel_becomes_ready_when_it_comes()
    {
        await using var first = FakeKernel.Start();
        var connection = first.Connection;
        await first.DieAsync();
        await using var tab = new ClientSide(connection);
        var ready = tab.Ready();
        await using var second = FakeKernel.Start(new FakeKernelOptions { Connection = connection });
        Assert.Equal(second.Session, (await ready).Session);
    }

    [Fact]
    public async Task After_the_kernel_died_and_came_back_the_same_client_becomes_ready_again()
    {
        await using var first = FakeKernel.Start();
        await using var tab = new ClientSide(first.Connection);
        await tab.Ready();
        await tab.Execute("die");
        await Eventually.Comes(first.Died);
        await Eventually.Holds(() => !tab.Client.IsConnected);
        await using var second = FakeKernel.Start(new FakeKernelOptions { Connection = first.Connection });
        Assert.Equal(second.Session, (await tab.Ready()).Session);
        var (reply, _) = await tab.Finished(await tab.Execute("1+1"));
        Assert.Equal(second.Session, reply.Session);
    }

    [Fact]
    public async Task Input_is_asked_on_stdin_and_the_answer_is_used()
    {
        await using var kernel = FakeKernel.Start();
        await using var tab = new ClientSide(kernel.Connection);
        await tab.Ready();
        var request = await tab.Execute("input Name?", allowStdin: true);
        var question = await tab.Next(MessageTypes.InputRequest);
        Assert.Equal(KernelChannel.Stdin, question.Channel);
        Assert.Equal(request.MessageId, question.ParentMessageId);
        await tab.Send(KernelChannel.Stdin, MessageTypes.InputReply, new { value = "Zoe" }, question);
        var (_, outputs) = await tab.Finished(request);
        Assert.Contains(outputs, output => output.MessageType == MessageTypes.Stream && ClientSide.Json(output).GetProperty("text").GetString() == "Zoe\n");
    }

    [Fact]
    public async Task Buffers_of_every_length_go_to_the_kernel_and_back_unchanged()
    {
        await using var kernel = FakeKernel.Start();
        await using var tab = new ClientSide(kernel.Connection);
        await tab.Ready();
        await tab.Send(KernelChannel.Shell, MessageTypes.CommOpen, new { comm_id = "c", target_name = "t", data = new { } });
        byte[] big = new byte[1_000_000];
        new Random(1).NextBytes(big);
        await tab.Send(KernelChannel.Shell, MessageTypes.CommMessage, new { comm_id = "c", data = new { a = 1 } }, null, new byte[] { 1, 2, 3 }, ReadOnlyMemory<byte>.Empty, big);
        var echo = await tab.Next(MessageTypes.CommMessage);
        Assert.Equal([3, 0, big.Length], echo.Buffers.Select(buffer => buffer.Length));
        Assert.True(echo.Buffers[2].Span.SequenceEqual(big));
    }

    [Fact]
    public async Task Garbage_and_forged_messages_are_dropped_counted_and_named()
    {
        await using var kernel = FakeKernel.Start();
        await using var tab = new ClientSide(kernel.Connection);
        await tab.Ready();
        var (_, outputs) = await tab.Finished(await tab.Execute("garbage\nforge\necho after"));

        Assert.DoesNotContain(outputs, output => output.MessageType == MessageTypes.Stream && ClientSide.Json(output).GetProperty("text").GetString() == "forged");
        Assert.Contains(outputs, output => output.MessageType == MessageTypes.Stream);
        Assert.Equal(1, tab.Client.FaultCount(KernelFaultKind.BadSignature));
        // One on iopub and one in place of a reply.
        await Eventually.Holds(() => tab.Client.FaultCount(KernelFaultKind.TooFewFrames) == 2);
        Assert.Equal(1, tab.Client.FaultCount(KernelFaultKind.NoDelimiter));
        Assert.NotEmpty((await Eventually.Comes(tab.Fault)).Detail);
    }

    [Fact]
    public async Task A_client_with_another_key_hears_nothing_and_the_kernel_obeys_nothing()
    {
        await using var kernel = FakeKernel.Start();
        await using var tab = new ClientSide(kernel.Connection with { Key = "another" });
        await tab.Execute("1+1");
        Assert.Equal(KernelFaultKind.BadSignature, (await Eventually.Comes(tab.Fault)).Kind);
        await Eventually.Holds(() => kernel.Faults.Any(fault => fault.Kind == KernelFaultKind.BadSignature));
        Assert.Empty(kernel.Received);
    }

    [Fact]
    public async Task A_message_beyond_a_limit_is_dropped_and_the_fault_names_the_limit()
    {
        await using var kernel = FakeKernel.Start();
        await using var tab = new ClientSide(kernel.Connection, new KernelClientOptions { Limits = new MessageLimits { MaxBuffers = 2 } });
        await tab.Ready();
        var (_, outputs) = await tab.Finished(await tab.Execute("display 1 2 3\ndisplay 1 2"));
        Assert.Single(outputs, output => output.MessageType == MessageTypes.DisplayData);
        var fault = await Eventually.Comes(tab.Fault);
        Assert.Equal(KernelFaultKind.LimitExceeded, fault.Kind);
        Assert.Contains("MaxBuffers (2)", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_heartbeat_is_echoed_by_an_idle_kernel_and_missed_by_one_that_does_not_answer()
    {
        await using var lively = FakeKernel.Start();
        await using var tab = new ClientSide(lively.Connection);
        await tab.Ready();
        Assert.True(await tab.Client.PingAsync(Eventually.Timeout, CancellationToken.None));
        Assert.True(await tab.Client.PingAsync(Eventually.Timeout, CancellationToken.None));

        await using var mute = FakeKernel.Start(new FakeKernelOptions { AnswersHeartbeat = false });
        await using var other = new ClientSide(mute.Connection);
        await other.Ready();
        Assert.False(await other.Client.PingAsync(TimeSpan.FromMilliseconds(50), CancellationToken.None));
        // A second one is possible although the first was never answered.
        Assert.False(await other.Client.PingAsync(TimeSpan.FromMilliseconds(50), CancellationToken.None));
    }

    [Fact]
    public async Task A_single_threaded_kernel_misses_heartbeats_only_while_a_cell_runs()
    {
        await using var kernel = FakeKernel.Start(FakeKernelOptions.LikeR);
        await using var tab = new ClientSide(kernel.Connection);
        await tab.Ready();
        var request = await tab.Execute("sleep");
        await tab.Next(MessageTypes.ExecuteInput);
        Assert.False(await tab.Client.PingAsync(TimeSpan.FromMilliseconds(50), CancellationToken.None));
        kernel.Release();
        await tab.Finished(request);
        Assert.True(await tab.Client.PingAsync(Eventually.Timeout, CancellationToken.None));
    }

    [Fact]
    public async Task An_interrupt_by_message_ends_the_cell_and_the_cells_queued_behind_it()
    {
        await using var kernel = FakeKernel.Start();
        await using var tab = new ClientSide(kernel.Connection);
        await tab.Ready();
        var sleeping = await tab.Execute("sleep");
        await tab.Next(MessageTypes.ExecuteInput);
        var queued = await tab.Execute("1+1");
        await kernel.Asked(MessageTypes.ExecuteRequest, 2);
        await tab.Send(KernelChannel.Control, MessageTypes.InterruptRequest, new { });

        var replies = new Dictionary<string, string?>();
        while (replies.Count < 3)
        {
            var reply = await tab.Next(message => message.MessageType.EndsWith("_reply", StringComparison.Ordinal));
            replies[reply.ParentMessageId] = ClientSide.Json(reply).GetProperty("status").GetString();
        }

        Assert.Equal("error", replies[sleeping.MessageId]);
        Assert.Equal("aborted", replies[queued.MessageId]);
    }

    [Fact]
    public async Task Nothing_can_be_sent_on_channels_that_only_speak()
    {
        await using var kernel = FakeKernel.Start();
        await using var tab = new ClientSide(kernel.Connection);
        await Assert.ThrowsAsync<ArgumentException>(() => tab.Send(KernelChannel.IOPub, MessageTypes.Status, new { }));
    }

    [Theory, InlineData(""), InlineData("\0a")]
    public void A_session_that_is_no_identity_is_refused(string session) =>
        Assert.Throws<ArgumentException>(() => new KernelClient(new ConnectionInfo("ipc", "/k", 1, 2, 3, 4, 5, ""), session, TimeProvider.System));

    [Fact]
    public void A_scheme_nobody_knows_is_refused_by_name()
    {
        var connection = new ConnectionInfo("ipc", "/k", 1, 2, 3, 4, 5, "key", "hmac-rot13");
        var refusal = Assert.Throws<NotSupportedException>(() => new KernelClient(connection, "s", TimeProvider.System));
        Assert.Contains("hmac-rot13", refusal.Message, StringComparison.Ordinal);
    }
}
