using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Wire.Jupyter;
using Xunit;

namespace Wire.Tests.Jupyter;

/// <summary>Laws that hold for every message; a failure prints the seed with which <see cref="FsCheck"/> replays it.</summary>
public sealed class CodecProperties
{
    private static readonly string[] Texts = ["", "a", "ü☃", "quote\"", "back\\slash", "line\nbreak", "\u2028", "😀", "<IDS|MSG>", "{}", "\0"];

    private static readonly Gen<string> Text = Gen.OneOf(Gen.Elements(Texts), ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => Clean(text.Get)));

    private static readonly Gen<ReadOnlyMemory<byte>> Object =
        from names in Gen.ListOf(Text)
        from values in Gen.ListOf(Text)
        from indented in ArbMap.Default.GeneratorFor<bool>()
        select Json(names, values, indented);

    private static readonly Gen<KernelMessage> Message =
        from channel in Gen.Elements(KernelChannel.Shell, KernelChannel.Control, KernelChannel.IOPub, KernelChannel.Stdin)
        from id in Text
        from type in Gen.OneOf(Text, Gen.Elements(MessageTypes.All.ToArray()))
        from session in Text
        from parent in Object
        from metadata in Object
        from content in Object
        from buffers in Gen.ListOf(ArbMap.Default.GeneratorFor<byte[]>())
        select new KernelMessage
        {
            Channel = channel,
            Header = KernelMessage.Create(channel, "t" + type, default, session, TimeProvider.System, messageId: "m" + id).Header,
            ParentHeader = parent,
            Metadata = metadata,
            Content = content,
            Buffers = [.. buffers.Select(buffer => (ReadOnlyMemory<byte>)buffer)],
        };

    private static readonly Arbitrary<KernelMessage> AnyMessage = Message.ToArbitrary();

    private static Config Configuration => Config.QuickThrowOnFailure.WithMaxTest(Environment.GetEnvironmentVariable("HUB_LONG") == "1" ? 20_000 : 300);

    [Fact]
    public void A_message_survives_the_v1_framing_byte_for_byte() => Holds(message =>
        Messages.Same(message, WebSocketV1Codec.Decode(WebSocketV1Codec.Encode(message))));

    [Fact]
    public void A_message_survives_the_legacy_framing_byte_for_byte_and_its_JSON_is_valid() => Holds(message =>
    {
        var frame = WebSocketJsonCodec.Encode(message);
        if (WebSocketJsonCodec.IsText(message))
        {
            using var json = JsonDocument.Parse(frame);
            if (json.RootElement.GetProperty("msg_id").GetString() != message.MessageId || json.RootElement.GetProperty("msg_type").GetString() != message.MessageType)
                return false;
        }

        return Messages.Same(message, WebSocketJsonCodec.Decode(frame, WebSocketJsonCodec.IsText(message)));
    });

    [Fact]
    public void A_message_survives_the_ZeroMQ_framing_signed_with_any_key() => Check.One(Configuration, Prop.ForAll(AnyMessage, Text.ToArbitrary(), (message, key) =>
    {
        using var signer = new MessageSigner(key);
        return ZmqMessageCodec.TryDecode(ZmqMessageCodec.Encode(message, signer), message.Channel, signer, MessageLimits.Default, out var read, out _)
            && Messages.Same(message, read);
    }));

    [Fact]
    public void A_flipped_bit_in_a_signed_part_is_always_noticed() => Check.One(Configuration, Prop.ForAll(AnyMessage, ArbMap.Default.ArbFor<PositiveInt>(), (message, where) =>
    {
        using var signer = new MessageSigner("key");
        var frames = ZmqMessageCodec.Encode(message, signer);
        var part = 1 + (where.Get % 5);
        var bytes = frames[part].ToArray();
        bytes[where.Get / 5 % bytes.Length] ^= (byte)(1 << (where.Get % 8));
        frames[part] = bytes;
        return !ZmqMessageCodec.TryDecode(frames, message.Channel, signer, MessageLimits.Default, out _, out var fault) && fault.Kind == KernelFaultKind.BadSignature;
    }));

    [Fact]
    public void Any_session_can_be_put_into_any_header_and_nothing_else_changes() => Check.One(Configuration, Prop.ForAll(AnyMessage, Text.ToArbitrary(), (message, session) =>
    {
        var changed = message.WithSession(session);
        return changed.Session == session
            && changed.MessageId == message.MessageId
            && changed.MessageType == message.MessageType
            && changed.HeaderFields.Date == message.HeaderFields.Date
            && Messages.Same(changed.WithSession(message.Session), message.WithSession(session).WithSession(message.Session));
    }));

    private static void Holds(Func<KernelMessage, bool> law) => Check.One(Configuration, Prop.ForAll(AnyMessage, law));

    private static string Clean(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static ReadOnlyMemory<byte> Json(IEnumerable<string> names, IEnumerable<string> values, bool indented)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented }))
        {
            json.WriteStartObject();
            foreach (var (name, value) in names.Zip(values))
                json.WriteString(name, value);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
