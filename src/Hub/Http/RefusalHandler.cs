using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Hub.Http;

/// <summary>
/// Stands between Kestrel's parser and the connection. A request that Kestrel refuses before any of our code runs gets a JSON body that names what
/// was wrong; and what the client still sends is read and dropped for a while, since closing at once would make its system throw the answer away.
/// </summary>
internal sealed class RefusalHandler(ConnectionDelegate next, HttpOptions limits, TimeProvider time)
{
    /// <summary>How long a refused client may go on sending before the connection is closed on it; enough for 1 GB on one machine.</summary>
    private static readonly TimeSpan DrainAtMost = TimeSpan.FromSeconds(30);

    /// <summary>A refused client that sends nothing for this long has got its answer.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        IDuplexPipe transport = connection.Transport;
        ConnectionPhase phase = new();
        KeptReader input = new(transport.Input);
        connection.Features.Set(phase);
        connection.Transport = new Pair(input, new RefusalWriter(transport.Output, phase, limits));
        try
        {
            await next(connection);
            if (phase.MustDrain && !connection.ConnectionClosed.IsCancellationRequested)
                await DrainAsync(transport.Input, connection.ConnectionClosed);
        }
        finally
        {
            connection.Transport = transport;
            await input.ReallyCompleteAsync();
        }
    }

    private async Task DrainAsync(PipeReader input, CancellationToken closed)
    {
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(closed);
        await using ITimer quiet = time.CreateTimer(_ => enough.Cancel(), null, Quiet, Timeout.InfiniteTimeSpan);
        long began = time.GetTimestamp();
        try
        {
            while (time.GetElapsedTime(began) < DrainAtMost)
            {
                quiet.Change(Quiet, Timeout.InfiniteTimeSpan);
                ReadResult read = await input.ReadAsync(enough.Token);
                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ConnectionResetException or InvalidOperationException)
        {
            // The client closed, or had its time.
        }
    }

    private sealed record Pair(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Kestrel completes the input when it is done; here it is completed later, once the rest has been dropped.</summary>
    private sealed class KeptReader(PipeReader inner) : PipeReader
    {
        private (bool Asked, Exception? Because) _complete;

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => inner.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void Complete(Exception? exception = null) => _complete = (true, exception);

        public ValueTask ReallyCompleteAsync() => _complete.Asked ? inner.CompleteAsync(_complete.Because) : ValueTask.CompletedTask;
    }
}
