using System.Security.Cryptography;

namespace Wire.Zmtp.Curve;

/// <summary>The server's part: WELCOME after HELLO, READY after INITIATE.</summary>
internal sealed class CurveServerHandshake(CurveSecurity security, byte[] properties) : CurveHandshake(security, properties)
{
    // Of no use after this handshake, so that a cookie opens nothing later.
    private readonly byte[] _cookieKey = Secret();
    private bool _greeted;

    public override byte[]? Take(ZmtpCommand command, long offset) => _greeted ? Answer(command, offset) : Welcome(command, offset);

    public override void Dispose()
    {
        CryptographicOperations.ZeroMemory(_cookieKey);
        base.Dispose();
    }

    private byte[] Welcome(ZmtpCommand command, long offset)
    {
        const int KeyAt = 2 + 72;
        const int NonceAt = KeyAt + CurveSizes.Key;
        const int BoxAt = NonceAt + CurveSizes.ShortNonce;
        const int Length = BoxAt + CurveSizes.Tag + 64;
        ReadOnlySpan<byte> data = Expect(command, "HELLO"u8, Length, Length, offset);
        if (data[0] != 1)
            throw Wrong($"the peer speaks version {data[0]} of CURVE, not 1", "HELLO"u8, offset);
        ReadOnlySpan<byte> client = data.Slice(KeyAt, CurveSizes.Key);
        ReadOnlySpan<byte> nonce = data.Slice(NonceAt, CurveSizes.ShortNonce);
        byte[] helloKey = Secret();
        Agree(client, Security.Own.SecretKey, helloKey, "HELLO"u8, offset);
        Open(data[BoxAt..], Nonce("CurveZMQHELLO---"u8, nonce), helloKey, "HELLO"u8, offset);
        Hear(nonce, "HELLO"u8, offset);

        Crypto.Fill(_cookieKey);
        byte[] cookieNonce = FreshLongNonce();
        byte[] cookie = [.. cookieNonce, .. Seal([.. client, .. OwnShortTermSecret], Nonce("COOKIE--"u8, cookieNonce), _cookieKey)];
        byte[] welcomeNonce = FreshLongNonce();
        byte[] box = Seal([.. OwnShortTerm, .. cookie], Nonce("WELCOME-"u8, welcomeNonce), helloKey);
        CryptographicOperations.ZeroMemory(helloKey);
        // From here the cookie alone knows the secret, as the RFC wants it; the peer has to bring it back.
        CryptographicOperations.ZeroMemory(OwnShortTermSecret);
        _greeted = true;
        return ZmtpFrameWriter.Command("WELCOME"u8, [.. welcomeNonce, .. box]);
    }

    private byte[] Answer(ZmtpCommand command, long offset)
    {
        const int NonceAt = CurveSizes.Cookie;
        const int BoxAt = NonceAt + CurveSizes.ShortNonce;
        const int VouchAt = CurveSizes.Key + CurveSizes.LongNonce;
        const int PropertiesAt = VouchAt + CurveSizes.Tag + CurveSizes.Key + CurveSizes.Key;
        ReadOnlySpan<byte> data = Expect(command, "INITIATE"u8, BoxAt + CurveSizes.Tag + PropertiesAt, int.MaxValue, offset);
        byte[] kept = Open(data[CurveSizes.LongNonce..NonceAt], Nonce("COOKIE--"u8, data[..CurveSizes.LongNonce]), _cookieKey, "INITIATE"u8, offset);
        Span<byte> clientShortTerm = kept.AsSpan(0, CurveSizes.Key);
        Span<byte> secret = kept.AsSpan(CurveSizes.Key);
        Agree(clientShortTerm, secret, SessionKey, "INITIATE"u8, offset);

        ReadOnlySpan<byte> nonce = data.Slice(NonceAt, CurveSizes.ShortNonce);
        byte[] initiate = Open(data[BoxAt..], Nonce("CurveZMQINITIATE"u8, nonce), SessionKey, "INITIATE"u8, offset);
        Hear(nonce, "INITIATE"u8, offset);
        ReadOnlyMemory<byte> client = initiate.AsMemory(0, CurveSizes.Key);
        byte[] vouchKey = Secret();
        Agree(client.Span, secret, vouchKey, "INITIATE"u8, offset);
        CryptographicOperations.ZeroMemory(secret);
        byte[] vouch = Open(initiate.AsSpan(VouchAt..PropertiesAt), Nonce("VOUCH---"u8, initiate.AsSpan(CurveSizes.Key..VouchAt)), vouchKey, "INITIATE"u8, offset);
        CryptographicOperations.ZeroMemory(vouchKey);
        if (!CryptographicOperations.FixedTimeEquals(vouch, [.. clientShortTerm, .. Security.Own.PublicKey.Span]))
            throw Wrong("the vouch is for another connection or another server", "INITIATE"u8, offset);
        if (Security.Admits is { } admits && !admits(client))
            throw new ZmtpProtocolException("the client's key is not admitted", "INITIATE", offset) { ToldPeer = "400" };

        Ready = ZmtpReady.Read(initiate.AsSpan(PropertiesAt), offset);
        byte[] answerNonce = NextShortNonce();
        byte[] box = Seal(Properties, Nonce("CurveZMQREADY---"u8, answerNonce), SessionKey);
        Traffic = new CurveTraffic(Crypto, SessionKey, isServer: true, Sent, Heard);
        return ZmtpFrameWriter.Command("READY"u8, [.. answerNonce, .. box]);
    }
}
