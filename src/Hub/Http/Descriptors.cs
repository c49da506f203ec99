using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Hub.Http;

/// <summary>
/// Open sockets, sent to another process over a Unix socket (SCM_RIGHTS, unix(7)); .NET has no call for it. One message is a text and the sockets that go with
/// it; both ends block, within the time-outs of the socket.
/// </summary>
internal static unsafe partial class Descriptors
{
    private const int SolSocket = 1;
    private const int Rights = 1;
    private const int CloseOnExec = 0x40000000;
    private const int NoSignal = 0x4000;

    /// <summary>More than any hub listens on.</summary>
    /// <summary>EINTR.</summary>
    private const int Interrupted = 4;

    private const int MostSockets = 64;

    private const int LongestText = 64 << 10;

    /// <exception cref="IOException">The other side is gone, or does not read.</exception>
    public static void Send(Socket to, string text, IReadOnlyList<Socket> sockets)
    {
        if (sockets.Count > MostSockets)
            throw new IOException($"The hub listens on more than {MostSockets} addresses; they cannot be handed over.");
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte[] control = new byte[Space(sockets.Count)];
        fixed (byte* data = bytes, head = control)
        {
            Vector vector = new() { Base = data, Length = (nuint)bytes.Length };
            Message message = new() { Vectors = &vector, VectorCount = 1 };
            if (sockets.Count > 0)
            {
                Control* rights = (Control*)head;
                (rights->Length, rights->Level, rights->Type) = ((nuint)(sizeof(Control) + (sockets.Count * sizeof(int))), SolSocket, Rights);
                int* numbers = (int*)(head + sizeof(Control));
                for (int i = 0; i < sockets.Count; i++)
                    numbers[i] = (int)sockets[i].SafeHandle.DangerousGetHandle();
                message.Control = head;
                message.ControlLength = (nuint)control.Length;
            }
            nint sent;
            do
                sent = SendMessage(to.SafeHandle, &message, NoSignal);
            while (WasInterrupted(sent));
            if (sent != bytes.Length)
                throw Failed("sent");
        }
    }

    /// <summary>The next message; its text is empty when the other side has closed.</summary>
    /// <exception cref="IOException">Nothing came in time, or something else than a message.</exception>
    public static (string Text, IReadOnlyList<Socket> Sockets) Receive(Socket from)
    {
        byte[] bytes = new byte[LongestText];
        byte[] control = new byte[Space(MostSockets)];
        fixed (byte* data = bytes, head = control)
        {
            Vector vector = new() { Base = data, Length = (nuint)bytes.Length };
            Message message = new() { Vectors = &vector, VectorCount = 1, Control = head, ControlLength = (nuint)control.Length };
            nint length;
            do
                length = ReceiveMessage(from.SafeHandle, &message, CloseOnExec);
            while (WasInterrupted(length));
            if (length < 0)
                throw Failed("received");
            List<Socket> sockets = [];
            Control* rights = (Control*)head;
            if (message.ControlLength >= (nuint)sizeof(Control) && (rights->Level, rights->Type) == (SolSocket, Rights))
            {
                int count = (int)((rights->Length - (nuint)sizeof(Control)) / sizeof(int));
                for (int i = 0; i < count; i++)
                    sockets.Add(new Socket(new SafeSocketHandle(((int*)(head + sizeof(Control)))[i], ownsHandle: true)));
            }
            return (Encoding.UTF8.GetString(bytes, 0, (int)length), sockets);
        }
    }

    /// <summary>A signal came in the middle, such as that a process has ended, which says nothing about the message.</summary>
    private static bool WasInterrupted(nint result) => result < 0 && Marshal.GetLastPInvokeError() == Interrupted;

    private static int Space(int sockets) => sizeof(Control) + ((sockets * sizeof(int)) + 7) / 8 * 8;

    private static IOException Failed(string what) => new($"A message of the control socket was not {what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, Message* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(SafeHandle socket, Message* message, int flags);

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct cmsghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Control
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
