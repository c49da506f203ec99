using System.Buffers;

namespace Hub.Contents.Archives;

/// <summary>A buffer as the stream compressors write to; counts what passes.</summary>
internal sealed class ArchiveOutput(IBufferWriter<byte> buffer) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    /// <summary>Bytes written so far.</summary>
    public override long Length => Position;

    public override long Position { get; set; }

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        buffer.Write(bytes);
        Position += bytes.Length;
    }

    public override void Write(byte[] bytes, int offset, int count) => Write(bytes.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] bytes, int offset, int count) => throw new NotSupportedException("It is there to be written.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("What is sent is sent.");

    public override void SetLength(long value) => throw new NotSupportedException("What is sent is sent.");
}
