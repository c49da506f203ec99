using System.Net.Sockets;

namespace Wire.Zmtp;

/// <summary>Keeps one connection to an endpoint: connects, lets it run, waits as <see cref="ReconnectPolicy"/> says, connects again.</summary>
/// <param name="kept">The queue that outlives each connection; null where each has its own.</param>
internal sealed class ZmtpConnector(ZmtpSocket owner, ZmtpEndpoint endpoint, ZmtpOutbox? kept, TimeProvider time)
{
    public async Task RunAsync(CancellationToken stopping)
    {
        int failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            long began = time.GetTimestamp();
            (bool joined, ZmtpEnd end) = await TryOnceAsync(stopping);
            if (stopping.IsCancellationRequested)
                return;
            // A peer that takes us in and throws us out at once is no reason to hurry.
            bool held = joined && time.GetElapsedTime(began) >= owner.Options.Reconnect.Longest;
            failures = held ? 1 : failures + 1;
            TimeSpan wait = owner.Options.Reconnect.Delay(failures, Random.Shared.NextDouble());
            if (!joined)
                owner.Tell(new ZmtpEvent.HandshakeFailed(endpoint, end.Reason, end.Error, wait));
            await Task.Delay(wait, time, stopping);
        }
    }

    private async Task<(bool Joined, ZmtpEnd End)> TryOnceAsync(CancellationToken stopping)
    {
        Socket socket;
        try
        {
            using CancellationTokenSource patience = new(owner.Options.ConnectTimeout, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
            socket = await ZmtpTransport.ConnectAsync(endpoint, either.Token);
        }
        catch (OperationCanceledException)
        {
            TimeoutException late = new($"not connected within {nameof(ZmtpOptions.ConnectTimeout)} = {owner.Options.ConnectTimeout}");
            return (false, new ZmtpEnd(ZmtpCloseReason.TransportFailed, late));
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            return (false, new ZmtpEnd(ZmtpCloseReason.TransportFailed, error));
        }

        return await owner.RunConnectionAsync(socket, endpoint, kept);
    }
}
