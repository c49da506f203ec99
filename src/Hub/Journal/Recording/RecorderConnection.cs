using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Hub.Journal.Recording;

/// <summary>One connection between hub and recorder, seen from either end. One reader and one writer at a time.</summary>
internal sealed class RecorderConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;
    private readonly int _longest;

    /// <param name="socket">Connected.</param>
    /// <param name="longest">Longest body of a frame that is taken from the other end, in bytes.</param>
    public RecorderConnection(Socket socket, int longest)
    {
        (_socket, _longest) = (socket, longest);
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: 32 << 10, minimumReadSize: 1024, useZeroByteReads: true));
        Out = new ArrayBufferWriter<byte>(256);
    }

    /// <summary>What the next <see cref="FlushAsync"/> sends.</summary>
    public ArrayBufferWriter<byte> Out { get; }

    /// <summary>Says hello and hears it.</summary>
    /// <exception cref="IOException">The other end speaks something else.</exception>
    public async Task GreetAsync(CancellationToken cancellationToken)
    {
        RecorderFrameCodec.WriteNumber(Out, RecorderVerb.Hello, RecorderFrameCodec.Version, 4);
        await FlushAsync(cancellationToken);
        if (await ReadAsync(cancellationToken) is not (RecorderVerb.Hello, var body) || RecorderFrameCodec.ReadNumber(body.Span, 4) != RecorderFrameCodec.Version)
            throw new IOException("the recorder's socket speaks another version");
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> rest = Out.WrittenMemory;
        while (!rest.IsEmpty)
            rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancellationToken)..];
        Out.ResetWrittenCount();
    }

    /// <summary>The next frame; its body belongs to the caller. Null at the end.</summary>
    /// <exception cref="IOException">What comes is no frame, is too long, or ends in the middle.</exception>
    public async ValueTask<(RecorderVerb Verb, ReadOnlyMemory<byte> Body)?> ReadAsync(CancellationToken cancellationToken)
    {
        ReadResult read = await _reader.ReadAtLeastAsync(RecorderFrameCodec.Prefix, cancellationToken);
        if (read.Buffer.IsEmpty)
            return null;
        int length = read.Buffer.Length < RecorderFrameCodec.Prefix ? -1 : ReadPrefix(read.Buffer, out _);
        if (length < 0)
            throw new IOException("what came over the recorder's socket is no frame or too long");
        ReadPrefix(read.Buffer, out RecorderVerb verb);
        if (read.Buffer.Length < RecorderFrameCodec.Prefix + (long)length)
        {
            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await _reader.ReadAtLeastAsync(RecorderFrameCodec.Prefix + length, cancellationToken);
            if (read.Buffer.Length < RecorderFrameCodec.Prefix + (long)length)
                throw new IOException("the recorder's socket ended in the middle of a frame");
        }

        byte[] body = read.Buffer.Slice(RecorderFrameCodec.Prefix, length).ToArray();
        _reader.AdvanceTo(read.Buffer.GetPosition(RecorderFrameCodec.Prefix + length));
        return (verb, body);
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync();
        await _stream.DisposeAsync();
    }

    private int ReadPrefix(ReadOnlySequence<byte> buffer, out RecorderVerb verb)
    {
        Span<byte> prefix = stackalloc byte[RecorderFrameCodec.Prefix];
        buffer.Slice(0, RecorderFrameCodec.Prefix).CopyTo(prefix);
        return RecorderFrameCodec.ReadPrefix(prefix, _longest, out verb);
    }
}
