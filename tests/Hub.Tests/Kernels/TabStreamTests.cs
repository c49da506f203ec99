using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using Hub.Kernels;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>Frames on their way to a tab, over a connection of pipes; the other end is .NET's own client.</summary>
public sealed class TabStreamTests : IAsyncDisposable
{
    private readonly Pipe _toTab = new(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false));
    private readonly Pipe _toHub = new(new PipeOptions(useSynchronizationContext: false));
    private readonly TabStream _frames;

    public TabStreamTests() => _frames = new TabStream(new Duplex(_toHub.Reader.AsStream(), Stream.Null), _toTab.Writer, null, () => { });

    public ValueTask DisposeAsync() => _frames.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task A_frame_of_any_length_arrives_as_it_was(int length)
    {
        byte[] sent = Bytes(length);
        await _frames.BeginAsync(CancellationToken.None);
        _frames.Write(sent, isText: false, more: 0);
        Task flushed = _frames.FlushAsync(CancellationToken.None).AsTask();
        using WebSocket tab = Tab();
        Assert.Equal(sent, await ReceiveAsync(tab, WebSocketMessageType.Binary));
        await flushed;
        _frames.End();
    }

    [Fact]
    public async Task Many_messages_are_one_write()
    {
        await _frames.BeginAsync(CancellationToken.None);
        for (int i = 0; i < 100; i++)
            _frames.Write(Encoding.UTF8.GetBytes($"message {i}"), isText: true, more: 100 * 20);
        await _frames.FlushAsync(CancellationToken.None);
        _frames.End();
        ReadResult read = await _toTab.Reader.ReadAsync();
        Assert.True(read.Buffer.IsSingleSegment);
        _toTab.Reader.AdvanceTo(read.Buffer.Start);
        using WebSocket tab = Tab();
        for (int i = 0; i < 100; i++)
            Assert.Equal($"message {i}", Encoding.UTF8.GetString(await ReceiveAsync(tab, WebSocketMessageType.Text)));
    }

    [Fact]
    public async Task A_long_frame_is_copied_only_as_fast_as_the_tab_reads()
    {
        byte[] sent = Bytes(3_000_000);
        await _frames.BeginAsync(CancellationToken.None);
        Task writing = _frames.WriteLongAsync([sent], isText: false, CancellationToken.None).AsTask();
        Assert.False(writing.IsCompleted);
        ReadResult read = await _toTab.Reader.ReadAsync();
        Assert.InRange(read.Buffer.Length, 1, 2 * TabStream.BlockBytes);
        _toTab.Reader.AdvanceTo(read.Buffer.Start);
        using WebSocket tab = Tab();
        Assert.Equal(sent, await ReceiveAsync(tab, WebSocketMessageType.Binary));
        await writing;
        _frames.End();
    }

    [Fact]
    public async Task Pieces_of_a_long_message_arrive_as_the_frame_that_is_made_of_all_at_once()
    {
        KernelMessage message = KernelMessage.Create(
            KernelChannel.IOPub, MessageTypes.DisplayData, """{"data":{}}"""u8.ToArray(), "s", TimeProvider.System, buffers: [Bytes(200_000), ReadOnlyMemory<byte>.Empty, Bytes(70_001)]);
        await _frames.BeginAsync(CancellationToken.None);
        Task writing = _frames.WriteLongAsync(WebSocketV1Codec.EncodePieces(message, 42), isText: false, CancellationToken.None).AsTask();
        using WebSocket tab = Tab();
        Assert.Equal(WebSocketV1Codec.Encode(message, 42), await ReceiveAsync(tab, WebSocketMessageType.Binary));
        await writing;
        _frames.End();
    }

    [Fact]
    public async Task A_close_waits_for_the_frame_that_is_being_sent()
    {
        byte[] sent = Bytes(500_000);
        await _frames.BeginAsync(CancellationToken.None);
        Task writing = _frames.WriteLongAsync([sent], isText: false, CancellationToken.None).AsTask();
        Task closing = _frames.Socket.CloseOutputAsync((WebSocketCloseStatus)1012, "bye", CancellationToken.None);
        using WebSocket tab = Tab();
        Assert.Equal(sent, await ReceiveAsync(tab, WebSocketMessageType.Binary));
        await writing;
        _frames.End();
        await closing;
        Assert.Equal(WebSocketMessageType.Close, (await tab.ReceiveAsync(new byte[100], CancellationToken.None)).MessageType);
        Assert.Equal(1012, (int)tab.CloseStatus!);
    }

    [Fact]
    public async Task After_a_turn_that_was_cancelled_between_frames_a_close_still_arrives()
    {
        using CancellationTokenSource over = new();
        await _frames.BeginAsync(over.Token);
        for (int i = 0; i < 2; i++)
            _frames.Write(Bytes(60_000), isText: false, more: 0);
        Task flushing = _frames.FlushAsync(over.Token).AsTask();
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flushing);
        _frames.End();
        Task closing = _frames.Socket.CloseOutputAsync((WebSocketCloseStatus)1012, "bye", CancellationToken.None);
        using WebSocket tab = Tab();
        for (int i = 0; i < 2; i++)
            Assert.Equal(Bytes(60_000), await ReceiveAsync(tab, WebSocketMessageType.Binary));
        Assert.Equal(WebSocketMessageType.Close, (await tab.ReceiveAsync(new byte[100], CancellationToken.None)).MessageType);
        await closing;
    }

    [Fact]
    public async Task After_a_turn_that_was_cancelled_within_a_frame_nothing_more_is_sent()
    {
        using CancellationTokenSource over = new();
        await _frames.BeginAsync(over.Token);
        Task writing = _frames.WriteLongAsync([Bytes(500_000)], isText: false, over.Token).AsTask();
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        _frames.End();
        await Assert.ThrowsAsync<IOException>(() => _frames.BeginAsync(CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task A_connection_whose_tab_is_gone_says_so()
    {
        await _toTab.Reader.CompleteAsync();
        await _frames.BeginAsync(CancellationToken.None);
        _frames.Write(Bytes(10), isText: false, more: 0);
        await Assert.ThrowsAsync<IOException>(() => _frames.FlushAsync(CancellationToken.None).AsTask());
        _frames.End();
    }

    private WebSocket Tab() => WebSocket.CreateFromStream(new Duplex(_toTab.Reader.AsStream(), _toHub.Writer.AsStream()), isServer: false, null, TimeSpan.Zero);

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];

    private static async Task<byte[]> ReceiveAsync(WebSocket tab, WebSocketMessageType type)
    {
        byte[] buffer = new byte[8192];
        using MemoryStream all = new();
        using CancellationTokenSource patience = new(Eventually.Timeout, TimeProvider.System);
        while (true)
        {
            ValueWebSocketReceiveResult part = await tab.ReceiveAsync(buffer.AsMemory(), patience.Token);
            Assert.Equal(type, part.MessageType);
            all.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return all.ToArray();
        }
    }

    /// <summary>Two one-way streams as one.</summary>
    private sealed class Duplex(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override void Flush() => output.Flush();

        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
