using System.Security.Cryptography;

namespace Wire.Zmtp.Curve;

/// <summary>The client's part: HELLO, and INITIATE after WELCOME; through with READY.</summary>
internal sealed class CurveClientHandshake : CurveHandshake
{
    private readonly byte[] _helloKey = Secret();
    private bool _welcomed;

    public CurveClientHandshake(CurveSecurity security, byte[] properties)
        : base(security, properties)
    {
        Agree(security.ServerKey, OwnShortTermSecret, _helloKey, "HELLO"u8, 0);
        Opening = Hello();
    }

    public override byte[]? Opening { get; }

    public override byte[]? Take(ZmtpCommand command, long offset)
    {
        if (!_welcomed)
            return Initiate(command, offset);
        ReadOnlySpan<byte> data = Expect(command, "READY"u8, CurveSizes.ShortNonce + CurveSizes.Tag, int.MaxValue, offset);
        ReadOnlySpan<byte> nonce = data[..CurveSizes.ShortNonce];
        Hear(nonce, "READY"u8, offset);
        Ready = ZmtpReady.Read(Open(data[CurveSizes.ShortNonce..], Nonce("CurveZMQREADY---"u8, nonce), SessionKey, "READY"u8, offset), offset);
        Traffic = new CurveTraffic(Crypto, SessionKey, isServer: false, Sent, Heard);
        return null;
    }

    public override void Dispose()
    {
        CryptographicOperations.ZeroMemory(_helloKey);
        base.Dispose();
    }

    private byte[] Hello()
    {
        byte[] nonce = NextShortNonce();
        byte[] box = Seal(new byte[64], Nonce("CurveZMQHELLO---"u8, nonce), _helloKey);
        // The zeroes make HELLO longer than WELCOME: who forges a sender's address gains nothing by our answer.
        return ZmtpFrameWriter.Command("HELLO"u8, [1, 0, .. new byte[72], .. OwnShortTerm, .. nonce, .. box]);
    }

    private byte[] Initiate(ZmtpCommand command, long offset)
    {
        const int Length = CurveSizes.LongNonce + CurveSizes.Tag + CurveSizes.Key + CurveSizes.Cookie;
        ReadOnlySpan<byte> data = Expect(command, "WELCOME"u8, Length, Length, offset);
        byte[] welcome = Open(data[CurveSizes.LongNonce..], Nonce("WELCOME-"u8, data[..CurveSizes.LongNonce]), _helloKey, "WELCOME"u8, offset);
        ReadOnlySpan<byte> serverShortTerm = welcome.AsSpan(0, CurveSizes.Key);
        Agree(serverShortTerm, OwnShortTermSecret, SessionKey, "WELCOME"u8, offset);
        _welcomed = true;

        byte[] vouchKey = Secret();
        Agree(serverShortTerm, Security.Own.SecretKey, vouchKey, "WELCOME"u8, offset);
        byte[] vouchNonce = FreshLongNonce();
        byte[] vouch = Seal([.. OwnShortTerm, .. Security.ServerKey!], Nonce("VOUCH---"u8, vouchNonce), vouchKey);
        CryptographicOperations.ZeroMemory(vouchKey);

        byte[] nonce = NextShortNonce();
        byte[] box = Seal([.. Security.Own.PublicKey.Span, .. vouchNonce, .. vouch, .. Properties], Nonce("CurveZMQINITIATE"u8, nonce), SessionKey);
        return ZmtpFrameWriter.Command("INITIATE"u8, [.. welcome.AsSpan(CurveSizes.Key), .. nonce, .. box]);
    }
}
