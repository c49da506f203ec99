using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Rest;

/// <summary>One HTTP/1.1 connection that is kept, blocking and bare: a client with a pool would cost more than the server that is measured.</summary>
internal sealed class RestConnection : IDisposable
{
    private static readonly byte[] s_headEnd = "\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
    private byte[] _buffer = new byte[256 * 1024];

    public RestConnection(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>Sends one request and reads its answer to the end; returns the status.</summary>
    public int Ask(string method, string path, string body)
    {
        string length = body.Length > 0 || method == "POST" ? string.Create(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n") : "";
        _socket.Send(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAuthorization: token {MeasuredServer.Token}\r\n{length}\r\n{body}"));
        int filled = 0, head;
        while ((head = _buffer.AsSpan(0, filled).IndexOf(s_headEnd)) < 0)
            filled += Receive(filled);
        string text = Encoding.ASCII.GetString(_buffer, 0, head);
        int status = int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), start = head + 4;
        if (Header(text, "content-length") is { } bytes)
        {
            for (int end = start + int.Parse(bytes, CultureInfo.InvariantCulture); filled < end;)
                filled += Receive(filled);
        }
        else if (Header(text, "transfer-encoding") is not null)
        {
            // Nothing is asked before the answer has ended, so its last chunk is at the end of what there is.
            while (!_buffer.AsSpan(start, filled - start).EndsWith("0\r\n\r\n"u8))
                filled += Receive(filled);
        }

        return status;
    }

    public void Dispose() => _socket.Dispose();

    private int Receive(int filled)
    {
        if (filled == _buffer.Length)
            Array.Resize(ref _buffer, 2 * filled);
        int got = _socket.Receive(_buffer, filled, _buffer.Length - filled, SocketFlags.None);
        return got > 0 ? got : throw new IOException("The server closed the connection.");
    }

    private static string? Header(string head, string name)
    {
        int at = head.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        int from = at + name.Length + 3, to = head.IndexOf('\r', from);
        return head[from..(to < 0 ? head.Length : to)].Trim();
    }
}
