namespace Wire.Jupyter;

/// <summary>How much of a message a codec accepts; the name of the limit that was exceeded stands in the error.</summary>
public sealed record MessageLimits
{
    public static MessageLimits Default { get; } = new();

    /// <summary>Bytes of one whole message, all parts and buffers together.</summary>
    public int MaxMessageBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Bytes of a header or parent header.</summary>
    public int MaxHeaderBytes { get; init; } = 64 * 1024;

    /// <summary>Raw buffers after the content.</summary>
    public int MaxBuffers { get; init; } = 4096;

    /// <summary>Routing identities or topics before the delimiter.</summary>
    public int MaxIdentities { get; init; } = 16;

    /// <summary>Nesting of objects and arrays in a JSON part.</summary>
    public int MaxJsonDepth { get; init; } = 256;
}
