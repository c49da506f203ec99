using System.Text;
using Hub.Journal;
using Wire.Jupyter;

namespace Hub.Tests.Journal;

/// <summary>Messages and journals for tests.</summary>
internal static class Entries
{
    public static KernelMessage Stream(string text, string parent = "cell", int buffer = 0) => new()
    {
        Channel = KernelChannel.IOPub,
        Header = Utf8($$"""{"msg_id":"{{Guid.NewGuid()}}","msg_type":"stream","session":"life","username":"kernel","date":"2026-01-01T00:00:00Z","version":"5.3"}"""),
        ParentHeader = Utf8($$"""{"msg_id":"{{parent}}","msg_type":"execute_request","session":"tab"}"""),
        Metadata = Utf8("{}"),
        Content = Utf8($$"""{"name":"stdout","text":"{{text}}"}"""),
        Buffers = buffer == 0 ? [] : [Enumerable.Range(0, buffer).Select(i => (byte)(i * 31)).ToArray()],
    };

    public static KernelMessage Request(string id) => Make(KernelChannel.Shell, id, "execute_request", "{}", """{"code":"1","silent":false}""");

    public static KernelMessage Idle(string parent) =>
        Make(KernelChannel.IOPub, Guid.NewGuid().ToString(), "status", $$"""{"msg_id":"{{parent}}"}""", """{"execution_state":"idle"}""");

    public static string Text(this KernelMessage message) => Encoding.UTF8.GetString(message.Content.Span);

    /// <summary>All entries that follow, read in small bites.</summary>
    public static async Task<List<JournalEntry>> ToEndAsync(this JournalReader reader, int maxEntries = 7, long maxBytes = 2_000)
    {
        List<JournalEntry> all = [];
        while (await reader.NextAsync(maxEntries, maxBytes, TestContext()) is { Count: > 0 } some)
            all.AddRange(some);
        return all;
    }

    private static CancellationToken TestContext() => Xunit.TestContext.Current.CancellationToken;

    private static KernelMessage Make(KernelChannel channel, string id, string type, string parent, string content) => new()
    {
        Channel = channel,
        Header = Utf8($$"""{"msg_id":"{{id}}","msg_type":"{{type}}","session":"life"}"""),
        ParentHeader = Utf8(parent),
        Metadata = Utf8("{}"),
        Content = Utf8(content),
    };

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
