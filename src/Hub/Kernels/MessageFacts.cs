using System.Text.Json;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>What the rules of who hears what need to know of a message: read once from its bytes, outside the kernel's loop.</summary>
public sealed record MessageFacts
{
    private MessageFacts(KernelMessage message) => Message = message;

    public KernelMessage Message { get; }

    public MessageHeader Header => Message.HeaderFields;

    /// <summary>The tab that sent it; null when no tab did.</summary>
    public TabId? Asker { get; private init; }

    /// <summary>The header of the request this message belongs to.</summary>
    public MessageHeader Parent => Message.ParentFields;

    public KernelChannel Channel => Message.Channel;

    public string MessageType => Message.MessageType;

    /// <summary>Bytes of all parts together.</summary>
    public long Size => Message.Size;

    /// <summary><c>content.status</c> of a reply, <c>content.execution_state</c> of a status; empty when absent.</summary>
    public string Status { get; private init; } = "";

    /// <summary><c>content.allow_stdin</c> of an execute_request; true when absent, as the reference kernel has it.</summary>
    public bool AllowsStdin { get; private init; } = true;

    /// <summary><c>content.subshell_id</c> of the requests and replies that make and end subshells.</summary>
    public string? Subshell { get; private init; }

    /// <summary><c>content.execution_count</c> of an <c>execute_input</c>.</summary>
    public int? ExecutionCount { get; private init; }

    /// <summary>Reads a message of a tab; what the kernel will record as its author is the signed-in user, whatever the front end wrote.</summary>
    /// <exception cref="MessageFormatException">A field is too long; the text names it.</exception>
    public static MessageFacts OfTab(KernelMessage message, TabId tab)
    {
        CheckLength(message.MessageId, "msg_id");
        CheckLength(message.MessageType, "msg_type");
        CheckLength(message.Session, "session");
        return new MessageFacts(message.WithUserName(tab.UserName))
        {
            Asker = tab,
            AllowsStdin = message.MessageType != MessageTypes.ExecuteRequest || ReadContent(message.Content, "allow_stdin"u8).Flag != false,
            Subshell = message.MessageType == MessageTypes.DeleteSubshellRequest ? ReadContent(message.Content, "subshell_id"u8).Text : null,
        };
    }

    /// <summary>A message the hub made itself.</summary>
    public static MessageFacts OfHub(KernelMessage message) => new(message);

    /// <summary>Reads a message of the kernel: lenient, as kernel-wire §12 requires.</summary>
    public static MessageFacts OfKernel(KernelMessage message)
    {
        if (message.Channel == KernelChannel.IOPub)
        {
            return message.MessageType switch
            {
                MessageTypes.Status => new MessageFacts(message) { Status = ReadContent(message.Content, "execution_state"u8).Text ?? "" },
                MessageTypes.ExecuteInput => new MessageFacts(message) { ExecutionCount = ReadContent(message.Content, "execution_count"u8).Number },
                _ => new MessageFacts(message),
            };
        }

        if (message.Channel == KernelChannel.Stdin)
            return new MessageFacts(message);
        return new MessageFacts(message)
        {
            Status = ReadContent(message.Content, "status"u8).Text ?? "",
            Subshell = message.MessageType == MessageTypes.CreateSubshellReply ? ReadContent(message.Content, "subshell_id"u8).Text : null,
        };
    }

    /// <summary>Reads a request out of the journal: it was checked when it was asked.</summary>
    public static MessageFacts OfAsked(KernelMessage message) => new(message)
    {
        AllowsStdin = message.MessageType != MessageTypes.ExecuteRequest || ReadContent(message.Content, "allow_stdin"u8).Flag != false,
        Subshell = message.MessageType == MessageTypes.DeleteSubshellRequest ? ReadContent(message.Content, "subshell_id"u8).Text : null,
    };

    /// <summary><c>metadata.cellId</c>, which notebooks add to what they ask; null when absent or too long to be one.</summary>
    public string? CellId => ReadContent(Message.Metadata, "cellId"u8).Text is { Length: > 0 and <= MaxIdLength } cell ? cell : null;

    /// <summary><c>content.code</c> of an execute_request; null when there is none.</summary>
    public string? Code => ReadContent(Message.Content, "code"u8).Text;

    /// <summary>Longest msg_id, msg_type and session a tab may use, in characters.</summary>
    public const int MaxIdLength = 256;

    private static void CheckLength(string value, string field)
    {
        if (value.Length > MaxIdLength)
            throw new MessageFormatException($"header.{field} has {value.Length} characters, more than {MaxIdLength}");
    }

    /// <summary>One field on the top level of a JSON object; nothing when the bytes are something else.</summary>
    private static (string? Text, bool? Flag, int? Number) ReadContent(ReadOnlyMemory<byte> content, ReadOnlySpan<byte> name)
    {
        Utf8JsonReader reader = new(content.Span);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool wanted = reader.ValueTextEquals(name);
                reader.Read();
                if (wanted)
                {
                    return reader.TokenType switch
                    {
                        JsonTokenType.String => (reader.GetString(), null, null),
                        JsonTokenType.True => (null, true, null),
                        JsonTokenType.False => (null, false, null),
                        JsonTokenType.Number when reader.TryGetInt32(out int number) => (null, null, number),
                        _ => default,
                    };
                }

                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or an unpaired surrogate: the field counts as absent; what the message is worth is for its reader to say.
        }

        return default;
    }
}
