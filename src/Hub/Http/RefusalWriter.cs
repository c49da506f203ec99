using System.IO.Pipelines;

namespace Hub.Http;

/// <summary>Passes on what a connection writes, and explains the server's bare refusals on the way. Costs one comparison per write.</summary>
internal sealed class RefusalWriter(PipeWriter inner, ConnectionPhase phase, HttpOptions limits) : PipeWriter
{
    private Memory<byte> _given;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _given = inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (!phase.InPipeline && RefusalCodec.TryExplain(_given.Span[..bytes], limits) is { } explained && explained.Length <= _given.Length)
        {
            explained.CopyTo(_given.Span);
            phase.MustDrain = true;
            bytes = explained.Length;
        }
        _given = default;
        inner.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
