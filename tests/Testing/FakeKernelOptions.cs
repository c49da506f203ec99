using Wire.Jupyter;

namespace Testing;

/// <summary>How a <see cref="FakeKernel"/> behaves; the defaults are those of a well-mannered recent Python kernel.</summary>
public sealed record FakeKernelOptions
{
    /// <summary>Where to listen; null for Unix sockets in a directory of its own. A port 0 over tcp is chosen by the system.</summary>
    public ConnectionInfo? Connection { get; init; }

    /// <summary>Publishes <c>iopub_welcome</c> and <c>starting</c> to the first subscriber.</summary>
    public bool Welcome { get; init; } = true;

    /// <summary>False: nothing but shutdown is answered on control.</summary>
    public bool AnswersControl { get; init; } = true;

    /// <summary>False: pings are swallowed.</summary>
    public bool AnswersHeartbeat { get; init; } = true;

    /// <summary>False: requests on shell are read and never answered.</summary>
    public bool AnswersShell { get; init; } = true;

    /// <summary>Puts the requester's session into its own messages, as the R kernel does.</summary>
    public bool EchoesSession { get; init; }

    /// <summary>While a cell runs neither control nor heartbeat is served, as in the R kernel.</summary>
    public bool SingleThreaded { get; init; }

    /// <summary>Queued cells are aborted without busy and idle, as the R kernel does.</summary>
    public bool AbortsWithoutStatus { get; init; }

    /// <summary>Asks for input even when the request does not allow it, as the R kernel does.</summary>
    public bool IgnoresAllowStdin { get; init; }

    /// <summary>The R kernel and its habits.</summary>
    public static FakeKernelOptions LikeR { get; } = new()
    {
        Welcome = false,
        AnswersControl = false,
        EchoesSession = true,
        SingleThreaded = true,
        AbortsWithoutStatus = true,
        IgnoresAllowStdin = true,
    };

    /// <summary>Listening on free ports of the loopback address.</summary>
    public static FakeKernelOptions OverTcp { get; } = new()
    {
        Connection = new ConnectionInfo("tcp", "127.0.0.1", 0, 0, 0, 0, 0, Guid.NewGuid().ToString()),
    };
}
