using System.Buffers;
using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>An open file of a home as a stream to send: reads happen on the threads for files, in the turns of its user.</summary>
internal sealed class FileBody(OpenedFile file, ContentCall call) : Stream
{
    /// <summary>Each turn of a thread costs as much as reading some ten kilobytes.</summary>
    private const int AheadBytes = 512 << 10;

    private byte[]? _ahead;
    private long _aheadFrom;
    private int _aheadBytes;

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
        if (Position < _aheadFrom || Position >= _aheadFrom + _aheadBytes)
        {
            // Only what is large is read in large steps; a small file is there with the first.
            _ahead ??= ArrayPool<byte>.Shared.Rent((int)Math.Min(AheadBytes, Length));
            _aheadFrom = Position;
            _aheadBytes = await call.RunAsync(() => file.Read(_ahead, Position), cancellationToken);
        }
        int offset = (int)(Position - _aheadFrom);
        int read = Math.Min(wanted, _aheadBytes - offset);
        _ahead.AsMemory(offset, read).CopyTo(buffer);
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
        if (_ahead is not null)
            ArrayPool<byte>.Shared.Return(_ahead);
        _ahead = null;
        base.Dispose(disposing);
    }
}
