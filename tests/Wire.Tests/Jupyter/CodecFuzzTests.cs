using Testing;
using Wire.Jupyter;
using Xunit;

namespace Wire.Tests.Jupyter;

/// <summary>Any bytes at all: a parser reads them or says by <see cref="MessageFormatException"/> why not; nothing else is thrown, and memory stays in proportion.</summary>
public sealed class CodecFuzzTests
{
    private const int Iterations = 20_000;

    // What a parser may allocate for an input: a few objects, and a table entry per part.
    private const int AllocationPerByte = 64;
    private const int AllocationAnyway = 64 * 1024;

    private static readonly MessageLimits Limits = new() { MaxBuffers = 50, MaxJsonDepth = 20 };

    private static readonly KernelMessage[] Good =
    [
        Messages.Make(),
        Messages.Make(KernelChannel.IOPub, parent: Messages.Header, metadata: """{"a":[1,2,{"b":null}]}""", content: """{"text":"\u00fc\n","n":-1.5e3}"""),
        Messages.Make(
            header: """{"\u006dsg_id":"\ud83d\ude00","\ud800":"\udc00","sessio\u006E":"\u0000","msg_type":"st\u0061tus","msg_\nid":1}""",
            content: """{"\udfff\ud800":["\ud800"]}"""),
        Messages.Make(KernelChannel.Stdin, parent: "[]", metadata: "[]", content: "[]", buffers: [[1, 2, 3], [], [0xff]]),
    ];

    [Fact]
    public void A_v1_frame_of_any_bytes_is_read_or_refused() => Fuzz.Run(Iterations, random =>
    {
        var frame = Bytes(random, WebSocketV1Codec.Encode(Any(random)));
        if (Read(frame.Length, () => WebSocketV1Codec.Decode(frame, Limits)) is { } message)
            Assert.Equal(frame, WebSocketV1Codec.Encode(message));
    });

    [Fact]
    public void A_legacy_frame_of_any_bytes_is_read_or_refused() => Fuzz.Run(Iterations, random =>
    {
        var source = Any(random);
        var frame = Bytes(random, WebSocketJsonCodec.Encode(source));
        var isText = random.Next(10) == 0 ? random.Next(2) == 0 : WebSocketJsonCodec.IsText(source);
        if (Read(frame.Length, () => WebSocketJsonCodec.Decode(frame, isText, Limits)) is { } message)
            Assert.True(Messages.Same(message, WebSocketJsonCodec.Decode(WebSocketJsonCodec.Encode(message), message.Buffers.Count == 0, Limits)));
    });

    [Fact]
    public void A_header_of_any_bytes_is_read_or_refused_and_a_new_session_sticks() => Fuzz.Run(Iterations, random =>
    {
        var bytes = Bytes(random, Any(random).Header.ToArray());
        if (Read(bytes.Length, () => MessageHeader.Parse(bytes, limits: Limits)) is not { } header)
            return;
        _ = (header.MessageId, header.Session, header.UserName, header.Date, header.MessageType, header.Version, header.SubshellId, header.Problem);
        var changed = MessageHeader.Parse(header.WithSession("n\"ew"), limits: Limits);
        Assert.Equal("n\"ew", changed.Session);
        Assert.Equal((header.MessageId, header.MessageType, header.UserName), (changed.MessageId, changed.MessageType, changed.UserName));
    });

    [Fact]
    public void Frames_of_any_bytes_are_a_message_or_a_named_fault() => Fuzz.Run(Iterations, random =>
    {
        // Without a key, so that what lies behind the signature is reached.
        using var signer = new MessageSigner(random.Next(4) == 0 ? "key" : "");
        List<ReadOnlyMemory<byte>> frames = [.. ZmqMessageCodec.Encode(Any(random), signer)];
        for (var changes = random.Next(4); changes > 0 && frames.Count > 0; changes--)
        {
            var at = random.Next(frames.Count);
            switch (random.Next(4))
            {
                case 0: frames[at] = Fuzz.Mutate(random, frames[at].ToArray()); break;
                case 1: frames.RemoveAt(at); break;
                case 2: frames.Insert(at, frames[random.Next(frames.Count)]); break;
                default: frames.Insert(at, Fuzz.RandomBytes(random, random.Next(20))); break;
            }
        }

        if (!ZmqMessageCodec.TryDecode(frames, KernelChannel.Shell, signer, Limits, out var message, out var fault))
            Assert.NotEmpty(fault.Detail);
        else
            Assert.NotEmpty(message.MessageType);
    });

    [Fact]
    public void A_connection_file_of_any_bytes_is_read_or_refused() => Fuzz.Run(Iterations, random =>
    {
        var bytes = Bytes(random, new ConnectionInfo("ipc", "/run/k", 1, 2, 3, 4, 5, "key").ToJson());
        if (Read(bytes.Length, () => ConnectionInfo.Parse(bytes)) is { } info)
            Assert.Equal(info.Url(KernelChannel.Shell), ConnectionInfo.Parse(info.ToJson()).Url(KernelChannel.Shell));
    });

    private static KernelMessage Any(Random random) => Good[random.Next(Good.Length)];

    private static byte[] Bytes(Random random, byte[] good) => random.Next(20) switch
    {
        0 => good,
        1 => Fuzz.RandomBytes(random, random.Next(300)),
        2 => [.. good, .. good],
        _ => Fuzz.Mutate(random, good),
    };

    private static T? Read<T>(int length, Func<T> parse)
        where T : class
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            return parse();
        }
        catch (MessageFormatException refusal)
        {
            Assert.NotEmpty(refusal.Message);
            return null;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationAnyway + ((long)length * AllocationPerByte));
        }
    }
}
