using System.Text.Json;
using Wire.Jupyter;
using Xunit;
using static Wire.Tests.Jupyter.Messages;

namespace Wire.Tests.Jupyter;

public sealed class MessageHeaderTests
{
    [Fact]
    public void Every_field_is_read()
    {
        var header = MessageHeader.Parse(Utf8("""{"msg_id":"m","session":"s","username":"u","date":"d","msg_type":"status","version":"5.4","subshell_id":"x","more":[1]}"""));
        Assert.Equal(("m", "s", "u", "d"), (header.MessageId, header.Session, header.UserName, header.Date));
        Assert.Equal(("status", "5.4", "x"), (header.MessageType, header.Version, header.SubshellId));
        Assert.Null(header.Problem);
        Assert.False(header.IsEmpty);
    }

    [Theory, InlineData("{}"), InlineData("[]"), InlineData(" { } "), InlineData(" [ ] ")]
    public void An_empty_object_or_array_is_an_empty_header(string json)
    {
        var header = MessageHeader.Parse(Utf8(json));
        Assert.True(header.IsEmpty);
        Assert.Equal("", header.MessageId);
        Assert.Null(header.SubshellId);
    }

    [Fact]
    public void A_field_of_the_wrong_type_reads_as_absent_and_is_named()
    {
        var header = MessageHeader.Parse(Utf8("""{"msg_id":{"a":["b"]},"session":null,"msg_type":"status","subshell_id":null}"""), "parent_header");
        Assert.Equal("", header.MessageId);
        Assert.Equal("", header.Session);
        Assert.Equal("status", header.MessageType);
        Assert.Null(header.SubshellId);
        Assert.Equal("parent_header.msg_id is not a string", header.Problem);
    }

    [Fact]
    public void Escapes_are_understood_in_names_and_values_and_the_last_of_equal_names_counts()
    {
        var header = MessageHeader.Parse(Utf8("""{"msg_id":"first","\u006dsg_id":"\u0061\"\\ü","msg_type":"st\u0061tus"}"""));
        Assert.Equal("a\"\\ü", header.MessageId);
        Assert.Equal("status", header.MessageType);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{\"msg_id\":}")]
    [InlineData("{} {}")]
    [InlineData("[] x")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":1}garbage")]
    public void What_is_no_object_is_refused_by_the_name_of_the_part(string json)
    {
        var refusal = Assert.Throws<MessageFormatException>(() => MessageHeader.Parse(Utf8(json), "parent_header"));
        Assert.Contains("parent_header", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused() =>
        Assert.Throws<MessageFormatException>(() => MessageHeader.Parse(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' }));

    [Fact]
    public void A_text_with_half_a_surrogate_pair_reads_as_absent() =>
        Assert.Equal("", MessageHeader.Parse(Utf8("""{"msg_id":"\ud800"}""")).MessageId);

    [Fact]
    public void A_name_with_half_a_surrogate_pair_is_a_field_nobody_knows()
    {
        var header = MessageHeader.Parse(Utf8("""{"\ud800":1,"msg_i\ud800":2,"msg_id":"m","\udc00session":"x"}"""));
        Assert.Equal("m", header.MessageId);
        Assert.Equal("""{"session":"s","\ud800":1}""", Text(MessageHeader.Parse(Utf8("""{"\ud800":1}""")).WithSession("s")));
        var frame = "{\"\\ud800\":1,\"header\":" + Header + "}";
        Assert.Equal("m1", WebSocketJsonCodec.Decode(Utf8(frame), isText: true).MessageId);
    }

    [Theory]
    [InlineData("\\u006dsg_id", true)]
    [InlineData("\\u006Dsg_id", true)]
    [InlineData("msg_i\\u0064", true)]
    [InlineData("\\u006dsg_idx", false)]
    [InlineData("\\u006dsg_i", false)]
    [InlineData("\\u016dsg_id", false)]
    [InlineData("\\nsg_id", false)]
    [InlineData("msg_id\\u0000", false)]
    public void An_escaped_name_is_compared_by_what_it_says(string name, bool same) =>
        Assert.Equal(same ? "m" : "", MessageHeader.Parse(Utf8("{\"" + name + "\":\"m\"}")).MessageId);

    [Fact]
    public void Limits_on_length_and_depth_stand_in_the_error()
    {
        var length = Assert.Throws<MessageFormatException>(() => MessageHeader.Parse(Utf8(Header), limits: new MessageLimits { MaxHeaderBytes = 10 }));
        Assert.Contains("MaxHeaderBytes (10)", length.Message, StringComparison.Ordinal);
        var depth = Assert.Throws<MessageFormatException>(() => MessageHeader.Parse(Utf8("""{"a":[[[1]]]}"""), limits: new MessageLimits { MaxJsonDepth = 3 }));
        Assert.Contains("MaxJsonDepth (3)", depth.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"msg_id":"m","session":"old","z":{"session":"inner"}}""", """{"msg_id":"m","session":"new","z":{"session":"inner"}}""")]
    [InlineData("""{ "session" : "" , "a":1 }""", """{ "session" : "new" , "a":1 }""")]
    [InlineData("""{"session":null}""", """{"session":"new"}""")]
    [InlineData("""{"session":[1,{"a":2}],"b":"ü"}""", """{"session":"new","b":"ü"}""")]
    [InlineData("""{"session":-1.5e3}""", """{"session":"new"}""")]
    [InlineData("""{"session":"\u0061b"}""", """{"session":"new"}""")]
    [InlineData("""{"msg_id":"m"}""", """{"session":"new","msg_id":"m"}""")]
    [InlineData(""" {"msg_id":"m"}""", """{"session":"new","msg_id":"m"}""")]
    [InlineData("{}", """{"session":"new"}""")]
    [InlineData("[]", """{"session":"new"}""")]
    [InlineData("""{"session":"1","session":"2"}""", """{"session":"1","session":"new"}""")]
    public void Another_session_changes_that_value_and_no_other_byte(string before, string after) =>
        Assert.Equal(after, Text(MessageHeader.Parse(Utf8(before)).WithSession("new")));

    [Fact]
    public void The_same_session_costs_no_copy()
    {
        var json = Utf8(Header);
        Assert.True(MessageHeader.Parse(json).WithSession("s1").Equals(json));
    }

    [Fact]
    public void A_session_with_quotes_is_escaped_and_read_back()
    {
        var strange = "a\"\\\n\u2028ü" + new string('x', 300);
        var changed = MessageHeader.Parse(Utf8(Header)).WithSession(strange);
        Assert.Equal(strange, MessageHeader.Parse(changed).Session);
        Assert.Equal("m1", MessageHeader.Parse(changed).MessageId);
    }

    [Fact]
    public void Another_user_name_or_session_of_a_message_touches_the_header_only()
    {
        var message = Make(parent: Header, buffers: [[1]]);
        var changed = message.WithSession("s2").WithUserName("zoe");
        Assert.Equal(("s2", "s1", "zoe"), (changed.Session, changed.ParentSession, changed.HeaderFields.UserName));
        Assert.Equal(message.Content, changed.Content);
        Assert.Same(message, message.WithSession("s1"));
    }

    [Fact]
    public void A_message_of_our_own_has_all_fields_and_a_date_with_six_digits()
    {
        var parent = Make();
        var made = KernelMessage.Create(KernelChannel.IOPub, MessageTypes.Status, Utf8("""{"execution_state":"dead"}"""), "s", TimeProvider.System, parent);
        using var header = JsonDocument.Parse(made.Header);
        Assert.Equal(["msg_id", "session", "username", "date", "msg_type", "version"], header.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", made.HeaderFields.Date);
        Assert.Equal("m1", made.ParentMessageId);
        Assert.Equal("{}", Text(made.Metadata));
        Assert.Null(made.HeaderFields.Problem);
    }
}
