using Wire.Zmtp;
using Wire.Zmtp.Curve;

namespace Wire.Tests.Zmtp.Curve;

/// <summary>Both sides of a handshake, and what passes between them.</summary>
internal sealed class CurvePair : IDisposable
{
    private readonly CurveKeyPair _serverKeys = CurveKeyPair.Generate();
    private readonly CurveKeyPair _clientKeys = CurveKeyPair.Generate();

    public CurvePair(Func<ReadOnlyMemory<byte>, bool>? admits = null)
    {
        Client = CurveSecurity.Client(_serverKeys.PublicKey.Span, _clientKeys).Begin(ZmtpReady.Properties(ZmtpSocketType.Dealer, "me"u8));
        Server = CurveSecurity.Server(_serverKeys, admits).Begin(ZmtpReady.Properties(ZmtpSocketType.Router, default));
    }

    public CurveHandshake Client { get; }

    public CurveHandshake Server { get; }

    public ReadOnlyMemory<byte> ClientKey => _clientKeys.PublicKey;

    /// <summary>A command frame to whom it is for; its answer.</summary>
    public static byte[]? Give(CurveHandshake to, byte[] frame)
    {
        ZmtpFrameHeader.TryRead(frame, out ZmtpFrameHeader header);
        return to.Take(ZmtpCommand.Read(frame.AsSpan(header.Length), 0), 0);
    }

    /// <param name="change">Changes the command of that number (0 HELLO, 1 WELCOME, 2 INITIATE, 3 READY) on its way.</param>
    public CurvePair Shake(Func<int, byte[], byte[]>? change = null)
    {
        byte[]? frame = Client.Opening;
        for (int i = 0; frame is not null; i++)
            frame = Give(i % 2 == 0 ? Server : Client, change is null ? frame : change(i, frame));
        return this;
    }

    public void Dispose()
    {
        Client.Traffic?.Dispose();
        Server.Traffic?.Dispose();
        Client.Dispose();
        Server.Dispose();
        _clientKeys.Dispose();
        _serverKeys.Dispose();
    }
}
