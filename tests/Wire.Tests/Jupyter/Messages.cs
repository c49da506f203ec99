using System.Text;
using Wire.Jupyter;

namespace Wire.Tests.Jupyter;

/// <summary>Messages for tests, written out where their bytes matter.</summary>
internal static class Messages
{
    public const string Header = """{"msg_id":"m1","session":"s1","username":"u","date":"2026-01-02T03:04:05.678901Z","msg_type":"execute_request","version":"5.3"}""";

    public static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    public static KernelMessage Make(
        KernelChannel channel = KernelChannel.Shell,
        string header = Header,
        string parent = "{}",
        string metadata = "{}",
        string content = """{"code":"1+1"}""",
        params byte[][] buffers) => new()
        {
            Channel = channel,
            Header = Utf8(header),
            ParentHeader = Utf8(parent),
            Metadata = Utf8(metadata),
            Content = Utf8(content),
            Buffers = [.. buffers.Select(buffer => (ReadOnlyMemory<byte>)buffer)],
        };

    /// <summary>True when every part is the same byte for byte.</summary>
    public static bool Same(KernelMessage a, KernelMessage b) =>
        a.Channel == b.Channel
        && a.Header.Span.SequenceEqual(b.Header.Span)
        && a.ParentHeader.Span.SequenceEqual(b.ParentHeader.Span)
        && a.Metadata.Span.SequenceEqual(b.Metadata.Span)
        && a.Content.Span.SequenceEqual(b.Content.Span)
        && a.Buffers.Count == b.Buffers.Count
        && a.Buffers.Zip(b.Buffers).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span));
}
