using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>An open file of a home as a stream to send: reads happen on the threads for files, in the turns of its user.</summary>
internal sealed class FileBody(OpenedFile file, ContentCall call) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Status.Size;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A file that grows while it is sent must not make the answer longer than announced.
        int wanted = (int)Math.Min(buffer.Length, Math.Max(0, Length - Position));
        if (wanted == 0)
            return 0;
        int read = await call.RunAsync(() => file.Read(buffer.Span[..wanted], Position), cancellationToken);
        Position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is there to be read.");

    public override void SetLength(long value) => throw new NotSupportedException("It is there to be read.");

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }
}
