using System.Threading.Channels;

namespace Wire.Zmtp;

/// <summary>
/// Messages of all peers that wait to be received, up to <see cref="ZmtpOptions.ReceiveHighWaterMark"/>. When it is full the
/// peers are not read, which in the end stops them from sending.
/// </summary>
internal sealed class ZmtpInbox(int highWaterMark)
{
    private readonly Channel<ZmtpMessage> _queue = Channel.CreateBounded<ZmtpMessage>(highWaterMark);

    public ValueTask AddAsync(ZmtpMessage message) =>
        _queue.Writer.TryWrite(message) ? ValueTask.CompletedTask : _queue.Writer.WriteAsync(message);

    /// <exception cref="ObjectDisposedException">Closed and empty.</exception>
    public async ValueTask<ZmtpMessage> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _queue.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(ZmtpSocket));
        }
    }

    public void Close() => _queue.Writer.TryComplete();
}
