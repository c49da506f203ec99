namespace Wire.Zmtp;

/// <summary>REQ: one request, then its reply (RFC 28).</summary>
/// <param name="identity">As of <see cref="DealerSocket"/>.</param>
public sealed class RequestSocket(ReadOnlyMemory<byte> identity, ZmtpOptions options, TimeProvider time) : ZmtpSocket(ZmtpSocketType.Req, options, time)
{
    public ReadOnlyMemory<byte> Identity { get; } = identity;

    /// <summary>
    /// Sends the request and waits for its reply, as long as it takes. When cancelled the connection is closed and made anew, so
    /// that a late reply is never taken for the next one.
    /// </summary>
    /// <exception cref="InvalidOperationException">A request is already on its way.</exception>
    /// <exception cref="System.IO.IOException">The connection that carried the request was lost.</exception>
    public ValueTask<ZmtpMessage> RequestAsync(ReadOnlySpan<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken) => throw new NotImplementedException();
}
