using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Spawner.Tests.Docker;

/// <summary>A line to the real engine that can be cut and mended, as when the engine is restarted while its containers live on.</summary>
internal sealed class CuttableLine : IAsyncDisposable
{
    private readonly string _engine;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentBag<Socket> _open = [];
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _accepting;
    private volatile bool _isCut;

    public CuttableLine(string engine, string path)
    {
        _engine = engine;
        Path = path;
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public string Path { get; }

    /// <summary>Breaks every connection; new ones are broken at once.</summary>
    public void Cut()
    {
        _isCut = true;
        while (_open.TryTake(out Socket? socket)) socket.Dispose();
    }

    public void Mend() => _isCut = false;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Cut();
        await _accepting;
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (; ; )
            {
                Socket here = await _listener.AcceptAsync(_ending.Token);
                _open.Add(here);
                if (_isCut) here.Dispose();
                else _ = ConnectAsync(here);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ConnectAsync(Socket here)
    {
        Socket there = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _open.Add(there);
        try
        {
            await there.ConnectAsync(new UnixDomainSocketEndPoint(_engine), _ending.Token);
            await Task.WhenAll(PumpAsync(here, there), PumpAsync(there, here));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            here.Dispose();
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer)) > 0;) await to.SendAsync(buffer.AsMemory(0, read));
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side is gone.
        }
    }
}
