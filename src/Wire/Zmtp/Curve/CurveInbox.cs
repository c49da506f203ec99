using System.Buffers.Binary;

namespace Wire.Zmtp.Curve;

/// <summary>Opens what arrives and puts the frames of a message together again; limits count what was inside.</summary>
internal sealed class CurveInbox(CurveTraffic traffic, ZmtpOptions options)
{
    private readonly List<ReadOnlyMemory<byte>> _frames = [];
    private long _bytes;

    /// <summary>Body of the command found last.</summary>
    public ReadOnlyMemory<byte> Command { get; private set; }

    /// <summary><see cref="ZmtpRead.NeedMore"/> when further frames of the message follow.</summary>
    /// <exception cref="ZmtpProtocolException">Not sealed by the peer, out of order, or beyond a limit.</exception>
    public ZmtpRead Open(ZmtpMessage outer, out ZmtpMessage message, long offset)
    {
        message = default;
        if (outer.Count != 1)
            throw new ZmtpProtocolException("a MESSAGE has the MORE flag outside", "MESSAGE", offset);
        Memory<byte> body = traffic.Open(outer.Writable(0), out bool more, out bool command, offset);
        if (command)
        {
            if (more)
                throw new ZmtpProtocolException("a command has the MORE flag", "MESSAGE", offset);
            if (body.Length > options.MaxCommandBytes)
                throw Beyond(nameof(ZmtpOptions.MaxCommandBytes), options.MaxCommandBytes, offset);
            Command = body;
            return ZmtpRead.Command;
        }

        _bytes += body.Length;
        if (_bytes > options.MaxMessageBytes)
            throw Beyond(nameof(ZmtpOptions.MaxMessageBytes), options.MaxMessageBytes, offset);
        if (_frames.Count == options.MaxFramesPerMessage)
            throw Beyond(nameof(ZmtpOptions.MaxFramesPerMessage), options.MaxFramesPerMessage, offset);
        _frames.Add(body);
        if (more)
            return ZmtpRead.NeedMore;
        message = Join(outer.Sender);
        return ZmtpRead.Message;
    }

    private ZmtpMessage Join(ZmtpPeer? sender)
    {
        byte[] block = GC.AllocateUninitializedArray<byte>((int)_bytes + (_frames.Count * sizeof(int)));
        int end = 0;
        for (int i = 0; i < _frames.Count; i++)
        {
            _frames[i].CopyTo(block.AsMemory(end));
            end += _frames[i].Length;
            BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan((int)_bytes + (i * sizeof(int))), end);
        }

        ZmtpMessage message = new(block, end, _frames.Count, sender);
        _frames.Clear();
        _bytes = 0;
        return message;
    }

    private static ZmtpProtocolException Beyond(string limit, int value, long offset) =>
        new($"an encrypted message is beyond {limit} = {value}", "MESSAGE", offset);
}
