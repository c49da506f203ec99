namespace Wire.Zmtp;

/// <summary>REP: receives a request, answers it, receives the next (RFC 28). The envelope is kept from the caller.</summary>
public sealed class ReplySocket(ZmtpOptions options, TimeProvider time) : ZmtpSocket(ZmtpSocketType.Rep, options, time)
{
    /// <summary>The next request, without its envelope. A message without the empty delimiter frame is dropped.</summary>
    /// <exception cref="InvalidOperationException">The request before was not answered.</exception>
    public ValueTask<ZmtpMessage> ReceiveAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Answers the request received last.</summary>
    /// <returns>False when the peer is gone or its queue was full.</returns>
    /// <exception cref="InvalidOperationException">There is no request to answer.</exception>
    public ValueTask<bool> ReplyAsync(ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken) => throw new NotImplementedException();
}
