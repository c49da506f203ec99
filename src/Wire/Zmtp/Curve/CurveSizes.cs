namespace Wire.Zmtp.Curve;

/// <summary>Bytes of things in CURVE.</summary>
internal static class CurveSizes
{
    public const int Key = 32;
    public const int Nonce = 24;

    /// <summary>A counter: what is sent of a nonce that has a known beginning of 16 bytes.</summary>
    public const int ShortNonce = 8;

    /// <summary>Random: what is sent of a nonce that has a known beginning of 8 bytes.</summary>
    public const int LongNonce = 16;

    /// <summary>What a box is longer than its content.</summary>
    public const int Tag = 16;

    /// <summary>Nonce, then a box of a client's and a server's short-term keys.</summary>
    public const int Cookie = LongNonce + Tag + Key + Key;
}
