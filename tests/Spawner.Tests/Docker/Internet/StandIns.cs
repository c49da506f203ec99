using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Spawner.Tests.Docker.Internet;

/// <summary>
/// What kernels may try to reach, played by the test: in the world each address answers at port 80, by TCP and by UDP, with its own name, and servers of names say that
/// everything is at the public address; on the machine something listens as the hub does. Who got through is counted.
/// </summary>
public sealed class StandIns : IAsyncDisposable
{
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _loops = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<string, int> _reached = new();

    public StandIns(OwnNetworks networks)
    {
        IPAddress[] names = [IPAddress.Parse(OwnNetworks.Names), .. OwnNetworks.UsualResolvers];
        foreach (string address in OwnNetworks.Refused.Concat([OwnNetworks.Public, OwnNetworks.AlsoPublic]).Concat(names.Select(name => name.ToString())).Distinct())
        {
            IPEndPoint at = new(IPAddress.Parse(address), 80);
            Serve(OwnNetworks.Open(networks.World, SocketType.Stream, at), socket => AcceptAsync(socket, address));
            Serve(OwnNetworks.Open(networks.World, SocketType.Dgram, at), socket => EchoAsync(socket, address));
        }
        foreach (IPAddress name in names.Distinct())
            Serve(OwnNetworks.Open(networks.World, SocketType.Dgram, new IPEndPoint(name, 53)), NameAsync);
        Serve(OwnNetworks.Open(networks.Machine, SocketType.Stream, new IPEndPoint(IPAddress.Any, 80)), socket => AcceptAsync(socket, "machine"));
        foreach (string own in new[] { OwnNetworks.MachinesPrivate, OwnNetworks.MachinesPublic })
            Serve(OwnNetworks.Open(networks.Machine, SocketType.Dgram, new IPEndPoint(IPAddress.Parse(own), 80)), socket => EchoAsync(socket, "machine"));
    }

    /// <summary>How often somebody came through to it, by either way.</summary>
    public int Reached(string name) => _reached.GetValueOrDefault(name);

    public void Forget() => _reached.Clear();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        foreach (Socket socket in _sockets) socket.Dispose();
        await Task.WhenAll(_loops);
        _ending.Dispose();
    }

    private void Serve(Socket socket, Func<Socket, Task> loop)
    {
        _sockets.Add(socket);
        _loops.Add(Task.Run(async () =>
        {
            try
            {
                await loop(socket);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The test is over.
            }
        }));
    }

    private async Task AcceptAsync(Socket socket, string name)
    {
        for (; ; )
        {
            using Socket one = await socket.AcceptAsync(_ending.Token);
            _reached.AddOrUpdate(name, 1, (_, count) => count + 1);
            try
            {
                await one.SendAsync(Encoding.ASCII.GetBytes(name), _ending.Token);
            }
            catch (SocketException)
            {
                // Whoever came has left.
            }
        }
    }

    private async Task EchoAsync(Socket socket, string name)
    {
        byte[] room = new byte[512];
        for (; ; )
        {
            SocketReceiveFromResult got = await socket.ReceiveFromAsync(room, new IPEndPoint(IPAddress.Any, 0), _ending.Token);
            _reached.AddOrUpdate(name, 1, (_, count) => count + 1);
            await socket.SendToAsync(Encoding.ASCII.GetBytes(name), got.RemoteEndPoint, _ending.Token);
        }
    }

    /// <summary>RFC 1035: the question again, and for an A question one answer; others have none.</summary>
    private async Task NameAsync(Socket socket)
    {
        byte[] room = new byte[512];
        for (; ; )
        {
            SocketReceiveFromResult got = await socket.ReceiveFromAsync(room, new IPEndPoint(IPAddress.Any, 0), _ending.Token);
            _reached.AddOrUpdate("names " + ((IPEndPoint)socket.LocalEndPoint!).Address, 1, (_, count) => count + 1);
            int end = Array.IndexOf(room, (byte)0, 12, got.ReceivedBytes - 12) + 5;
            bool isAddress = BinaryPrimitives.ReadUInt16BigEndian(room.AsSpan(end - 4)) == 1;
            byte[] answer = [room[0], room[1], 0x81, 0x80, 0, 1, 0, (byte)(isAddress ? 1 : 0), 0, 0, 0, 0, .. room[12..end],
                .. isAddress ? (byte[])[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. IPAddress.Parse(OwnNetworks.Public).GetAddressBytes()] : []];
            await socket.SendToAsync(answer, got.RemoteEndPoint, _ending.Token);
        }
    }
}
