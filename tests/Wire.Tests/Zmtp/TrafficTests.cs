using System.Buffers.Binary;
using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

/// <summary>Frames and commands after the handshake, against a peer of plain bytes.</summary>
public sealed class TrafficTests : IAsyncDisposable
{
    private readonly RouterSocket _router = new(ZmtpOptions.Default with { MaxFrameBytes = 1 << 20, MaxMessageBytes = 2 << 20, MaxFramesPerMessage = 1000 }, TimeProvider.System);
    private readonly ZmtpEndpoint _endpoint;
    private readonly TaskCompletionSource<ZmtpEvent.Disconnected> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TrafficTests()
    {
        _router.Happened += happened =>
        {
            if (happened is ZmtpEvent.Disconnected end)
                _end.TrySetResult(end);
        };
        _endpoint = _router.Bind(Fresh("ipc"));
    }

    public ValueTask DisposeAsync() => _router.DisposeAsync();

    [Fact]
    public async Task Short_frames_with_a_long_size_and_empty_frames_are_normal()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint, "DEALER");
        await peer.Send(3, 0, 0, 0, 0, 0, 0, 0, 1, (byte)'a', 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0);
        Assert.Equal(["a", "", ""], (await Next()).Texts());
    }

    [Fact]
    public async Task Reserved_flags_are_ignored()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint, "DEALER");
        await peer.Send(0xF9, 1, (byte)'a', 0xF8, 1, (byte)'b');
        Assert.Equal(["a", "b"], (await Next()).Texts());
    }

    [Fact]
    public async Task Commands_between_the_frames_of_a_message_do_not_disturb_it()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint, "DEALER");
        await peer.Send([1, 1, (byte)'a', .. RawPeer.Command("PING", 0, 0, 7), 1, 1, (byte)'b', .. RawPeer.Command("WHATEVER", 1, 2), 0, 1, (byte)'c']);
        Assert.Equal(["a", "b", "c"], (await Next()).Texts());
        Assert.Equal((byte[])[4, .. "PONG"u8, 7], (await peer.ReceiveFrame()).Body);
    }

    [Theory, InlineData(1000, 0), InlineData(1000, 3), InlineData(1000, 200), InlineData(5, 100_000), InlineData(2, 1_000_000)]
    public async Task Many_and_long_frames_arrive_as_one_message(int frames, int size)
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint, "DEALER");
        ReadOnlyMemory<byte>[] sent = [.. Enumerable.Range(0, frames).Select(i => (ReadOnlyMemory<byte>)Enumerable.Repeat((byte)i, size).ToArray())];
        await peer.Send(ZmtpFrameWriter.Message(sent));
        ZmtpMessage message = await Next();
        Assert.Equal(frames, message.Count);
        for (int i = 0; i < frames; i++)
            Assert.True(message[i].Span.SequenceEqual(sent[i].Span));
        Assert.Equal(frames * size, message.Body.Length);
    }

    [Theory, InlineData(0), InlineData(16), InlineData(20)]
    public async Task A_ping_is_answered_with_up_to_16_bytes_of_its_context(int context)
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint, "DEALER", minor: 0);
        byte[] bytes = [.. Enumerable.Range(1, context).Select(i => (byte)i)];
        await peer.Send(RawPeer.Command("PING", [0, 0, .. bytes]));
        (byte flags, byte[] body) = await peer.ReceiveFrame();
        Assert.Equal(4, flags);
        Assert.Equal((byte[])[4, .. "PONG"u8, .. bytes[..Math.Min(context, 16)]], body);
    }

    [Fact]
    public async Task Half_a_message_and_an_end_deliver_nothing()
    {
        using (RawPeer peer = await RawPeer.Connect(_endpoint, "DEALER"))
        {
            await peer.Send(1, 1, (byte)'a', 0, 5, (byte)'b');
            peer.Finish();
            Assert.Equal(ZmtpCloseReason.PeerClosed, (await Eventually.Comes(_end.Task)).Reason);
        }

        using RawPeer other = await RawPeer.Connect(_endpoint, "DEALER");
        await other.Send(0, 1, (byte)'c');
        Assert.Equal(["c"], (await Next()).Texts());
    }

    [Fact]
    public async Task A_command_with_more_is_a_fault() => await Fault([5, 5, 4, .. "PING"u8], "MORE");

    [Fact]
    public async Task A_command_without_a_name_is_a_fault() => await Fault([4, 0], "name");

    [Fact]
    public async Task A_command_whose_name_is_longer_than_itself_is_a_fault() => await Fault([4, 2, 2, 65], "name");

    [Fact]
    public async Task A_ping_without_time_to_live_is_a_fault() => await Fault(RawPeer.Command("PING", 0), "time to live");

    [Fact]
    public async Task A_size_with_its_highest_bit_is_a_fault() => await Fault([2, 0x80, 0, 0, 0, 0, 0, 0, 0], nameof(ZmtpOptions.MaxFrameBytes));

    [Fact]
    public async Task A_frame_beyond_its_limit_is_refused_by_its_header() =>
        Assert.Equal(64 + 30, (await Fault(Long(0, (1 << 20) + 1), nameof(ZmtpOptions.MaxFrameBytes))).Offset);

    [Fact]
    public async Task A_message_beyond_its_limit_is_refused() =>
        await Fault([.. Long(1, 1 << 20), .. new byte[1 << 20], .. Long(1, 1 << 20), .. new byte[1 << 20], 0, 1], nameof(ZmtpOptions.MaxMessageBytes));

    [Fact]
    public async Task A_message_of_too_many_frames_is_refused() =>
        await Fault([.. Enumerable.Repeat((byte[])[1, 0], 1001).SelectMany(frame => frame)], nameof(ZmtpOptions.MaxFramesPerMessage));

    [Fact]
    public async Task A_command_beyond_its_limit_is_refused() =>
        await Fault(Long(4, ZmtpOptions.Default.MaxCommandBytes + 1), nameof(ZmtpOptions.MaxCommandBytes));

    [Fact]
    public async Task An_error_of_the_peer_ends_the_connection_with_its_reason()
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint, "DEALER");
        await peer.Send(RawPeer.Command("ERROR", [4, .. "full"u8]));
        ZmtpEvent.Disconnected end = await Eventually.Comes(_end.Task);
        Assert.Equal(ZmtpCloseReason.PeerError, end.Reason);
        Assert.Contains("full", end.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_pings_without_end_and_never_reads_gets_few_answers_queued()
    {
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        using RawPeer peer = await RawPeer.Connect(dealer.Bind(Fresh("ipc")), "DEALER");
        byte[] pings = [.. Enumerable.Repeat(RawPeer.Command("PING", 0, 0, 1), 10_000).SelectMany(ping => ping)];
        for (int i = 0; i < 20; i++)
            await peer.Send(pings);
        // Still read and not closed: a message behind two hundred thousand pings arrives.
        await peer.Send(0, 1, (byte)'a');
        Assert.Equal(["a"], (await Eventually.Comes(dealer.ReceiveAsync(default).AsTask())).Texts());
    }

    [Fact]
    public async Task A_receiver_that_throws_costs_the_connection_and_is_named()
    {
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        dealer.Start(_ => throw new InvalidDataException("mine"));
        TaskCompletionSource<ZmtpEvent.Disconnected> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        dealer.Happened += happened =>
        {
            if (happened is ZmtpEvent.Disconnected disconnected)
                end.TrySetResult(disconnected);
        };
        using RawPeer peer = await RawPeer.Connect(dealer.Bind(Fresh("ipc")), "DEALER");
        await peer.Send(0, 0);
        Assert.Equal(ZmtpCloseReason.ReceiverFailed, (await Eventually.Comes(end.Task)).Reason);
        Assert.IsType<InvalidDataException>((await end.Task).Error);
    }

    private static byte[] Long(byte flags, int size)
    {
        byte[] header = new byte[9];
        header[0] = (byte)(flags | 2);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(1), size);
        return header;
    }

    private Task<ZmtpMessage> Next() => Eventually.Comes(_router.ReceiveAsync(default).AsTask());

    private async Task<ZmtpProtocolException> Fault(byte[] bytes, string named)
    {
        using RawPeer peer = await RawPeer.Connect(_endpoint, "DEALER");
        Task sending = peer.Send(bytes);
        ZmtpEvent.Disconnected end = await Eventually.Comes(_end.Task);
        await Record.ExceptionAsync(() => sending);
        Assert.Equal(ZmtpCloseReason.ProtocolFault, end.Reason);
        ZmtpProtocolException fault = Assert.IsType<ZmtpProtocolException>(end.Error);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        return fault;
    }
}
