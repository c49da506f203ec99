using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Benchmarks.Bridge;

/// <summary>
/// One tab as a bare TCP socket: it costs so little that what is measured is the server. Blocking calls, one thread; knows as much of
/// WebSocket (RFC 6455) as a client of a well-behaved server must.
/// </summary>
internal sealed class Tab : IDisposable
{
    private const int Peek = 4096;

    private readonly Socket _socket;
    private readonly bool _v1;
    private readonly string _session;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private long _skip;
    private int _asked;

    private Tab(Socket socket, string session, bool v1, byte[] buffer, int end) => (_socket, _session, _v1, _buffer, _end) = (socket, session, v1, buffer, end);

    public static Tab Open(int port, string path, string token)
    {
        string session = Guid.NewGuid().ToString("N");
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect("127.0.0.1", port);
        socket.ReceiveTimeout = 60_000;
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        socket.Send(Encoding.ASCII.GetBytes(
            $"GET {path}?session_id={session} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
            $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: v1.kernel.websocket.jupyter.org\r\nAuthorization: token {token}\r\n\r\n"));
        byte[] buffer = new byte[Peek];
        int end = 0;
        while (true)
        {
            int count = socket.Receive(buffer.AsSpan(end));
            end += count;
            int head = buffer.AsSpan(0, end).IndexOf("\r\n\r\n"u8);
            if (head >= 0)
            {
                string answer = Encoding.ASCII.GetString(buffer, 0, head);
                if (!answer.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
                    throw new IOException($"no upgrade: {answer}");
                buffer.AsSpan(head + 4, end - head - 4).CopyTo(buffer);
                return new Tab(socket, session, answer.Contains("v1.kernel.websocket.jupyter.org", StringComparison.Ordinal), buffer, end - head - 4);
            }

            if (count == 0)
                throw new IOException("closed before the upgrade");
        }
    }

    /// <summary>Asks and reads until reply and idle are there.</summary>
    public void Execute(string code) => Read(Send("execute_request", code), new Tally(), mine: true);

    /// <summary>Sends code to run; returns the msg_id.</summary>
    public string Begin(string code) => Send("execute_request", code);

    public void Info() => Read(Send("kernel_info_request", null), new Tally(), mine: true);

    /// <summary>Asks and counts all there is until reply and idle are there.</summary>
    public Tally ExecuteCounting(string code)
    {
        Tally tally = new();
        Read(Send("execute_request", code), tally, mine: true);
        return tally;
    }

    /// <summary>Reads what another tab asked for, until its idle.</summary>
    public void Follow(string messageId, Tally tally) => Read(messageId, tally, mine: false);

    public void Dispose() => _socket.Dispose();

    private void Read(string messageId, Tally tally, bool mine)
    {
        byte[] id = Encoding.ASCII.GetBytes(messageId);
        bool replied = !mine;
        bool idle = false;
        while (!(replied && idle))
        {
            ReadOnlySpan<byte> head = Next(out long length);
            // The header comes first in both framings, so the first type is the message's own.
            int at = head.IndexOf("\"msg_type\":"u8);
            if (at < 0)
                continue;
            ReadOnlySpan<byte> type = head[(at + 11)..].TrimStart((byte)' ');
            if (type.StartsWith("\"stream\""u8))
            {
                tally.Frames++;
                // A line's end is the only backslash in what the kernel spews, so lines are counted also where they were joined.
                tally.Messages += head.Count((byte)'\\');
            }
            else if (type.StartsWith("\"display_data\""u8))
            {
                tally.Frames++;
                tally.Messages++;
                tally.Bytes += length;
            }
            else if (head.IndexOf(id) < 0)
            {
                continue;
            }
            else if (type.StartsWith("\"execute_reply\""u8) || type.StartsWith("\"kernel_info_reply\""u8))
            {
                replied = true;
            }
            else if (type.StartsWith("\"status\""u8))
            {
                idle |= head.IndexOf("\"idle\""u8) >= 0;
            }
        }
    }

    /// <summary>The next frame: whole when it fits into the buffer, else its beginning.</summary>
    private ReadOnlySpan<byte> Next(out long length)
    {
        while (true)
        {
            Need(2);
            int opcode = _buffer[_start] & 15;
            length = _buffer[_start + 1] & 127;
            int header = length == 126 ? 4 : length == 127 ? 10 : 2;
            Need(header);
            if (header == 4)
                length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start + 2));
            else if (header == 10)
                length = (long)BinaryPrimitives.ReadUInt64BigEndian(_buffer.AsSpan(_start + 2));
            _start += header;
            // Streams may be joined to about a megabyte, and their lines are counted; a blob is looked at in its beginning alone.
            int wanted = length > 2 * 1024 * 1024 ? Peek : (int)length;
            Need(wanted);
            ReadOnlySpan<byte> head = _buffer.AsSpan(_start, wanted);
            _start += wanted;
            _skip = length - wanted;
            if (opcode is 1 or 2)
                return head;
            if (opcode == 8)
                throw new IOException($"closed by the server: {BinaryPrimitives.ReadUInt16BigEndian(head)} {Encoding.UTF8.GetString(head[2..])}");
            if (opcode == 9)
                Write(0x8A, head.ToArray());
        }
    }

    private void Need(int count)
    {
        while (_skip > 0)
        {
            int here = (int)Math.Min(_skip, _end - _start);
            _start += here;
            _skip -= here;
            if (_skip > 0)
                Fill();
        }

        while (_end - _start < count)
            Fill();
    }

    private void Fill()
    {
        if (_buffer.Length == Peek)
            Array.Resize(ref _buffer, 4 * 1024 * 1024);
        if (_start == _end)
            _start = _end = 0;
        else if (_buffer.Length - _end < 64 * 1024)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        // Not all of it: what stays in the processor's cache is read faster.
        int got = _socket.Receive(_buffer.AsSpan(_end, Math.Min(_buffer.Length - _end, 512 * 1024)));
        if (got == 0)
            throw new IOException("the connection ended");
        _end += got;
    }

    private string Send(string type, string? code)
    {
        string id = $"{_session}_{_asked++}";
        string header = $$"""{"msg_id":"{{id}}","msg_type":"{{type}}","username":"u","session":"{{_session}}","date":"2026-01-01T00:00:00Z","version":"5.3"}""";
        string content = code is null ? "{}" : $$"""{"code":"{{code}}","silent":false,"store_history":true,"user_expressions":{},"allow_stdin":true,"stop_on_error":true}""";
        if (!_v1)
        {
            Write(0x81, Encoding.UTF8.GetBytes($$"""{"channel":"shell","header":{{header}},"parent_header":{},"metadata":{},"content":{{content}},"buffers":[]}"""));
            return id;
        }

        string[] parts = ["shell", header, "{}", "{}", content];
        int offsets = parts.Length + 1;
        byte[] frame = new byte[8 * (offsets + 1) + parts.Sum(part => part.Length)];
        BinaryPrimitives.WriteInt64LittleEndian(frame, offsets);
        int at = 8 * (offsets + 1);
        for (int i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(8 * (i + 1)), at);
            at += Encoding.ASCII.GetBytes(parts[i], frame.AsSpan(at));
        }

        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(8 * offsets), at);
        Write(0x82, frame);
        return id;
    }

    /// <summary>One masked frame; with the mask zero, which is a mask too.</summary>
    private void Write(byte first, byte[] payload)
    {
        byte[] frame = new byte[14 + payload.Length];
        int at = 0;
        frame[at++] = first;
        if (payload.Length < 126)
        {
            frame[at++] = (byte)(0x80 | payload.Length);
        }
        else
        {
            frame[at++] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), (ushort)payload.Length);
            at += 2;
        }

        at += 4;
        payload.CopyTo(frame, at);
        _socket.Send(frame.AsSpan(0, at + payload.Length));
    }

    /// <summary>What was counted.</summary>
    internal sealed class Tally
    {
        /// <summary>Messages as the kernel sent them: joined ones counted one by one.</summary>
        public long Messages { get; set; }

        public long Frames { get; set; }

        /// <summary>Of frames with binary buffers.</summary>
        public long Bytes { get; set; }
    }
}
