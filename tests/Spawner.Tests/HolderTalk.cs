using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Spawner.Terminals;
using Testing;

namespace Spawner.Tests;

/// <summary>Speaks to what holds a terminal, as a hub does, one frame after the other.</summary>
internal sealed class HolderTalk : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StringBuilder _text = new();

    private HolderTalk()
    {
    }

    /// <summary>Number of the first byte it kept.</summary>
    public long First { get; private set; }

    /// <summary>Number of the byte after the last that came.</summary>
    public long Next { get; private set; }

    /// <summary>Bytes left out on the way.</summary>
    public long Missed { get; private set; }

    public int? Exit { get; private set; }

    public static async Task<HolderTalk> With(SpawnedKernel terminal, long after = -1)
    {
        HolderTalk talk = new();
        await talk._socket.ConnectAsync(new UnixDomainSocketEndPoint(TerminalProgram.SocketOf(terminal)));
        byte[] wanted = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(wanted, after);
        await talk.Send('A', wanted);
        (char kind, byte[] hello) = await talk.Receive();
        if (kind != 'H') throw new InvalidOperationException($"It began with {kind}.");
        talk.First = talk.Next = BinaryPrimitives.ReadInt64BigEndian(hello);
        return talk;
    }

    public Task Type(string text) => Send('I', Encoding.UTF8.GetBytes(text));

    public Task Resize(ushort rows, ushort columns) => Send('S', [(byte)(rows >> 8), (byte)rows, (byte)(columns >> 8), (byte)columns, 0]);

    /// <summary>Reads until the text holds this; returns all of it.</summary>
    public async Task<string> Until(string wanted)
    {
        while (!_text.ToString().Contains(wanted, StringComparison.Ordinal))
        {
            if (!await Step()) throw new InvalidOperationException($"It ended before it said \"{wanted}\": {_text}");
        }
        return _text.ToString();
    }

    public async Task UntilEnd()
    {
        while (Exit is null && await Step())
        {
        }
    }

    public async Task Send(char kind, byte[] payload)
    {
        byte[] frame = new byte[5 + payload.Length];
        frame[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        await Eventually.Comes(_socket.SendAsync(frame));
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> Step()
    {
        (char kind, byte[] payload) = await Receive();
        switch (kind)
        {
            case 'O':
                long number = BinaryPrimitives.ReadInt64BigEndian(payload);
                Missed += number - Next;
                Next = number + payload.Length - 8;
                _text.Append(Encoding.UTF8.GetString(payload.AsSpan(8)));
                return true;
            case 'X':
                Exit = BinaryPrimitives.ReadInt32BigEndian(payload);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Kind 0 at the end of the connection.</summary>
    public async Task<(char Kind, byte[] Payload)> Receive()
    {
        byte[] head = new byte[5];
        if (!await Fill(head)) return ('\0', []);
        byte[] payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
        return await Fill(payload) ? ((char)head[0], payload) : ('\0', []);
    }

    private async Task<bool> Fill(byte[] buffer)
    {
        for (int filled = 0; filled < buffer.Length;)
        {
            int read;
            try
            {
                read = await Eventually.Comes(_socket.ReceiveAsync(buffer.AsMemory(filled)).AsTask());
            }
            catch (SocketException)
            {
                return false;
            }
            if (read == 0) return false;
            filled += read;
        }
        return true;
    }
}
