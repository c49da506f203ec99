namespace Wire.Jupyter;

/// <summary>Why something a kernel sent was dropped.</summary>
public enum KernelFaultKind
{
    /// <summary>No <c>&lt;IDS|MSG&gt;</c> delimiter among the first frames.</summary>
    NoDelimiter,

    /// <summary>Fewer than signature, header, parent header, metadata and content after the delimiter.</summary>
    TooFewFrames,

    /// <summary>The signature does not fit: another key, or bytes changed on the way.</summary>
    BadSignature,

    /// <summary>A header is no JSON object, or has no <c>msg_type</c>.</summary>
    BadHeader,

    /// <summary>A named limit was exceeded.</summary>
    LimitExceeded,

    /// <summary>The peer broke ZMTP itself; the connection was closed and is being made anew.</summary>
    BrokenTransport,
}
