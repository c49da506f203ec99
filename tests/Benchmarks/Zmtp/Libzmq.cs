using System.Runtime.InteropServices;
using System.Text;

namespace Benchmarks.Zmtp;

/// <summary>The few functions of libzmq that a comparison needs.</summary>
internal static partial class Libzmq
{
    public const int Pub = 1;
    public const int Sub = 2;
    public const int Dealer = 5;
    public const int Router = 6;
    public const int XPub = 9;

    private const string Library = "libzmq.so.5";
    private const int SendMore = 2;
    private const int ReceiveMore = 13;

    [LibraryImport(Library, EntryPoint = "zmq_ctx_new")]
    public static partial nint NewContext();

    [LibraryImport(Library, EntryPoint = "zmq_socket")]
    public static partial nint Socket(nint context, int type);

    /// <summary>ZMQ_MAX_SOCKETS: 1,023 unless said otherwise.</summary>
    public static void AllowSockets(nint context, int count) => Check(SetContext(context, 2, count));

    public static nint Open(int type) => Socket(NewContext(), type);

    public static void Bind(nint socket, string endpoint) => Check(Bind(socket, Encoding.UTF8.GetBytes(endpoint + '\0')));

    public static void Connect(nint socket, string endpoint) => Check(Connect(socket, Encoding.UTF8.GetBytes(endpoint + '\0')));

    public static void SubscribeAll(nint socket) => Check(SetOption(socket, 6, [], 0));

    /// <summary>ZMQ_XPUB_NODROP: a full queue makes the publisher wait, so that what is measured is the pair and not its losses.</summary>
    public static void NoDrop(nint socket) => Check(SetOption(socket, 69, BitConverter.GetBytes(1), sizeof(int)));

    /// <summary>ZMQ_RCVHWM 0: what is behind is kept in memory, not dropped at the publisher.</summary>
    public static void Unlimited(nint socket) => Check(SetOption(socket, 24, BitConverter.GetBytes(0), sizeof(int)));

    public static void Send(nint socket, ReadOnlySpan<byte> frame, bool more) => Check(Send(socket, frame, (nuint)frame.Length, more ? SendMore : 0));

    /// <summary>One frame; longer than the buffer is cut.</summary>
    public static (int Length, bool More) Receive(nint socket, Span<byte> buffer)
    {
        int length = Receive(socket, buffer, (nuint)buffer.Length, 0);
        Check(length);
        Span<byte> more = stackalloc byte[sizeof(int)];
        nuint size = sizeof(int);
        Check(GetOption(socket, ReceiveMore, more, ref size));
        return (length, more[0] != 0);
    }

    [LibraryImport(Library, EntryPoint = "zmq_ctx_set")]
    private static partial int SetContext(nint context, int option, int value);

    [LibraryImport(Library, EntryPoint = "zmq_bind")]
    private static partial int Bind(nint socket, ReadOnlySpan<byte> endpoint);

    [LibraryImport(Library, EntryPoint = "zmq_connect")]
    private static partial int Connect(nint socket, ReadOnlySpan<byte> endpoint);

    [LibraryImport(Library, EntryPoint = "zmq_setsockopt")]
    private static partial int SetOption(nint socket, int option, ReadOnlySpan<byte> value, nuint length);

    [LibraryImport(Library, EntryPoint = "zmq_getsockopt")]
    private static partial int GetOption(nint socket, int option, Span<byte> value, ref nuint length);

    [LibraryImport(Library, EntryPoint = "zmq_send")]
    private static partial int Send(nint socket, ReadOnlySpan<byte> data, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "zmq_recv")]
    private static partial int Receive(nint socket, Span<byte> data, nuint length, int flags);

    private static void Check(int result)
    {
        if (result < 0)
            throw new InvalidOperationException("libzmq failed");
    }
}
