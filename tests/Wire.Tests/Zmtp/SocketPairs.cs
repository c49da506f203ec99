using System.Text;
using Wire.Zmtp;

namespace Wire.Tests.Zmtp;

/// <summary>Short ways to write frames and endpoints in tests.</summary>
internal static class SocketPairs
{
    /// <summary>A free port of this machine, or a fresh path.</summary>
    public static ZmtpEndpoint Fresh(string scheme) => scheme == "tcp"
        ? ZmtpEndpoint.Tcp("127.0.0.1", 0)
        : ZmtpEndpoint.Ipc(Path.Combine(Path.GetTempPath(), $"zmtp-{Guid.NewGuid():N}"));

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static ReadOnlyMemory<byte>[] Frames(params string[] texts) => [.. texts.Select(Bytes)];

    public static string Text(this ReadOnlyMemory<byte> frame) => Encoding.UTF8.GetString(frame.Span);

    public static string[] Texts(this ZmtpMessage message) => [.. Enumerable.Range(0, message.Count).Select(i => message[i].Text())];
}
