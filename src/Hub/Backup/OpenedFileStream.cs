using Hub.Contents.FileSystem;

namespace Hub.Backup;

/// <summary>
/// An open file as exactly as many bytes as it had when it was opened: an archive says the length before the bytes. A file that shrinks meanwhile is filled up
/// with zeros, as tar does, and said to have changed.
/// </summary>
internal sealed class OpenedFileStream(OpenedFile file) : Stream
{
    private readonly long _length = file.Status.Size;

    /// <summary>It was shorter when it was read.</summary>
    public bool HasShrunk { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        Span<byte> wanted = buffer[..(int)Math.Min(buffer.Length, _length - Position)];
        if (wanted.IsEmpty)
            return 0;
        int read = HasShrunk ? 0 : file.Read(wanted, Position);
        if (read == 0)
        {
            HasShrunk = true;
            wanted.Clear();
            read = wanted.Length;
        }
        Position += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => _length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
