using System.Text.Json;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// What the hub says in a kernel's stead. Everything carries the session of the kernel's present life: front ends cancel the handling of
/// earlier messages when it changes (kernel-websocket §6).
/// </summary>
internal sealed class HubMessages(TimeProvider time)
{
    private static readonly ReadOnlyMemory<byte> s_noParent = "{}"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> s_synthesised = """{"hub_synthesised":true}"""u8.ToArray();

    public KernelMessage Status(string session, string state, ReadOnlyMemory<byte> parentHeader = default) =>
        Make(KernelChannel.IOPub, MessageTypes.Status, session, parentHeader, new { execution_state = state });

    /// <summary>A line on stderr of the request, for the person who reads its output.</summary>
    public KernelMessage Notice(string session, ReadOnlyMemory<byte> parentHeader, string text) =>
        Make(KernelChannel.IOPub, MessageTypes.Stream, session, parentHeader, new { name = "stderr", text = $"[notebook hub] {text}\n" });

    /// <summary>What ends a request with an error: output that people see, the reply that programs read, and the idle both wait for.</summary>
    public IEnumerable<KernelMessage> Refusal(string session, KernelEffect.Refuse refused)
    {
        object error = new { status = "error", ename = refused.Name, evalue = refused.Reason, traceback = new[] { $"{refused.Name}: {refused.Reason}" } };
        if (refused.MessageType == MessageTypes.ExecuteRequest)
            yield return Make(KernelChannel.IOPub, MessageTypes.Error, session, refused.ParentHeader, error);
        if (ReplyType(refused.MessageType) is { } reply)
            yield return Make(refused.Channel, reply, session, refused.ParentHeader, error);
        yield return Status(session, "idle", refused.ParentHeader);
    }

    /// <summary>What ends a request whose process is no more.</summary>
    public IEnumerable<KernelMessage> Abortion(string session, KernelEffect.Abort aborted)
    {
        if (ReplyType(aborted.MessageType) is { } reply)
            yield return Make(aborted.Channel, reply, session, aborted.ParentHeader, new { status = "aborted" });
        yield return Status(session, "idle", aborted.ParentHeader);
    }

    /// <summary>
    /// What ends a request of which only the end was heard, or nothing any more: its reply went to a hub that was no longer there. Marked as the hub's.
    /// </summary>
    public IEnumerable<KernelMessage> Completion(string session, PendingRequest request)
    {
        if (request is { Replied: false, ExpectsReply: true } && ReplyType(request.MessageType) is { } type)
            yield return Make(request.Channel, type, session, request.Header, ReplyTo(request), s_synthesised);
        if (!request.IdleSeen)
            yield return Make(KernelChannel.IOPub, MessageTypes.Status, session, request.Header, new { execution_state = "idle" }, s_synthesised);
    }

    /// <summary>What the kernel would say about its comms, were it not busy, and that it still is: front ends take any idle for the kernel's. Marked as the hub's.</summary>
    public IEnumerable<KernelMessage> OfComms(string session, KernelEffect.AnswerComm known)
    {
        (ReadOnlyMemory<byte> parentHeader, CommAnswer answer) = (known.ParentHeader, known.Answer);
        yield return Make(KernelChannel.IOPub, MessageTypes.Status, session, parentHeader, new { execution_state = "busy" }, s_synthesised);
        yield return Make(answer.Channel, answer.MessageType, session, parentHeader, answer.Content, s_synthesised, answer.Buffers);
        yield return Make(KernelChannel.IOPub, MessageTypes.Status, session, parentHeader, new { execution_state = "idle" }, s_synthesised);
        yield return Status(session, "busy");
    }

    private static object ReplyTo(PendingRequest request)
    {
        if (request.MessageType != MessageTypes.ExecuteRequest)
            return new { status = "error", ename = "ReplyLost", evalue = "The hub was restarted while the kernel replied. Ask again.", traceback = Array.Empty<string>() };
        if (request.Error is { } error && TryParse(error) is { } parts)
            return new { status = "error", ename = parts.Name, evalue = parts.Value, traceback = parts.Traceback, execution_count = request.ExecutionCount ?? 0 };
        return request.IdleSeen
            ? new { status = "ok", execution_count = request.ExecutionCount ?? 0, payload = Array.Empty<object>(), user_expressions = new { } }
            // Whether it ran to its end, or at all, nobody heard.
            : new { status = "aborted" };
    }

    private static (string Name, string Value, string[] Traceback)? TryParse(ReadOnlyMemory<byte> error)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(error);
            JsonElement root = document.RootElement;
            string[] traceback = [.. root.GetProperty("traceback").EnumerateArray().Select(line => line.GetString() ?? "")];
            return (root.GetProperty("ename").GetString() ?? "", root.GetProperty("evalue").GetString() ?? "", traceback);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A remark for the journal.</summary>
    public KernelMessage Note(string what, object? more = null) =>
        Make(KernelChannel.IOPub, NoteType, "", default, new { note = what, more });

    /// <summary>Type of the hub's remarks in a journal.</summary>
    public const string NoteType = "hub_note";

    /// <summary>A request of the hub itself.</summary>
    public KernelMessage Request(KernelChannel channel, string type, string session, object content) =>
        KernelMessage.Create(channel, type, JsonSerializer.SerializeToUtf8Bytes(content), session, time);

    /// <summary>An empty line for a prompt nobody may answer.</summary>
    public KernelMessage EmptyAnswer(string session, ReadOnlyMemory<byte> promptHeader) =>
        Make(KernelChannel.Stdin, MessageTypes.InputReply, session, promptHeader, new { value = "", status = "ok" });

    private static string? ReplyType(string request) =>
        request.EndsWith("_request", StringComparison.Ordinal) ? string.Concat(request.AsSpan(0, request.Length - "request".Length), "reply") : null;

    private KernelMessage Make(KernelChannel channel, string type, string session, ReadOnlyMemory<byte> parentHeader, object content, ReadOnlyMemory<byte> metadata = default) =>
        Make(channel, type, session, parentHeader, JsonSerializer.SerializeToUtf8Bytes(content), metadata, []);

    private KernelMessage Make(
        KernelChannel channel, string type, string session, ReadOnlyMemory<byte> parentHeader, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> metadata, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        KernelMessage made = KernelMessage.Create(channel, type, content, session, time, metadata: metadata, buffers: buffers);
        return new KernelMessage
        {
            Channel = channel,
            Header = made.Header,
            ParentHeader = parentHeader.IsEmpty ? s_noParent : parentHeader,
            Metadata = made.Metadata,
            Content = made.Content,
            Buffers = made.Buffers,
        };
    }
}
