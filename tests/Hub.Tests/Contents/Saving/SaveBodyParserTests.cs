using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Hub.Contents;
using Hub.Contents.Saving;
using Xunit;

namespace Hub.Tests.Contents.Saving;

/// <summary>The body of a save, cut anywhere: what comes out must not depend on the cuts, and no bytes may break it.</summary>
public sealed class SaveBodyParserTests
{
    private const string Odd = """
         { "name" : "a\u0062c" , "format":"text", "list" : [1, -2.5e3, {"x":"]}"} , "\"" ],"n":null,"t":true,
          "content" : "Gr\u00fc\u00DFe \ud83d\ude00 😀 \\ \" \/ \b\f\n\r\t end" , "type":"file","chunk": -1 }
        """;

    private static readonly JsonSerializerOptions s_escaping = new();

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Every_cut_gives_the_same()
    {
        byte[] body = Encoding.UTF8.GetBytes(Odd);
        string wanted = JsonDocument.Parse(body).RootElement.GetProperty("content").GetString()!;
        for (int cut = 0; cut <= body.Length; cut++)
        {
            (SaveBody? model, Sink sink) = Parse(body.AsSpan(0, cut), body.AsSpan(cut));
            Assert.Equal(wanted, sink.Text);
            Assert.Equal("text", sink.Format);
            Assert.Equal(("file", "text", -1, true), (model!.Type, model.Format, model.Chunk, model.HasContent));
        }
    }

    [Fact]
    public void Byte_by_byte_gives_the_same_too()
    {
        Sink sink = new();
        SaveBodyParser parser = new(sink, 1000, "X", 1000);
        foreach (byte one in Encoding.UTF8.GetBytes(Odd))
            parser.Feed([one]);
        Assert.NotNull(parser.Finish());
        Assert.Equal(JsonDocument.Parse(Odd).RootElement.GetProperty("content").GetString()!, sink.Text);
    }

    [Theory]
    [InlineData("""{"type":"notebook","content":{"cells":[{"source":"}]\"{["}],"n":1},"path":"x"}""", """{"cells":[{"source":"}]\"{["}],"n":1}""")]
    [InlineData("""{"content":[1,[2]] ,"type":"notebook"}""", "[1,[2]]")]
    [InlineData("""{"content":12.5e3,"type":"notebook"}""", "12.5e3")]
    [InlineData("""{"content":true}""", "true")]
    public void Content_that_is_no_text_is_passed_on_as_JSON(string body, string content)
    {
        (SaveBody? model, Sink sink) = Parse(Encoding.UTF8.GetBytes(body), []);
        Assert.False(sink.IsText);
        Assert.Equal(content, sink.Text);
        Assert.True(model!.HasContent);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("null")]
    [InlineData(" null ")]
    public void Nothing_is_nothing(string body)
    {
        (SaveBody? model, _) = Parse(Encoding.UTF8.GetBytes(body), []);
        Assert.Null(model);
    }

    [Theory]
    [InlineData("nul")]
    [InlineData("nulll")]
    [InlineData("null x")]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("{,}")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"a" 1}""")]
    [InlineData("""{"a":}""")]
    [InlineData("""{"a":tru}""")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{"a":[1}""")]
    [InlineData("""{'a':1}""")]
    [InlineData("""{"content":"\x"}""")]
    [InlineData("""{"content":"\u12g4"}""")]
    [InlineData("{\"content\":\"line\nbreak\"}")]
    [InlineData("""{"content":"\ud800x"}""")]
    [InlineData("""{"content":"\udc00"}""")]
    [InlineData("""{"content":"\ud800\ud800"}""")]
    [InlineData("""{"content":"x","content":null}""")]
    [InlineData("\uFEFF{}")]
    public void What_is_not_JSON_is_refused(string body)
    {
        ContentException refused = Assert.Throws<ContentException>(() => Parse(Encoding.UTF8.GetBytes(body), []));
        Assert.Equal(ContentFailure.BadRequest, refused.Failure);
        Assert.StartsWith("Invalid JSON in body of request", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_wherever_they_are_cut()
    {
        byte[][] bad = [[0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC0, 0xAE], [0xED, 0xA0, 0x80], [0x80], [0xF5, 0x80, 0x80, 0x80]];
        foreach (byte[] one in bad)
        {
            byte[] body = [.. "{\"content\":\"a"u8, .. one, .. "b\"}"u8];
            for (int cut = 0; cut <= body.Length; cut++)
            {
                int at = cut;
                Assert.Throws<ContentException>(() => Parse(body.AsSpan(0, at), body.AsSpan(at)));
            }
        }
    }

    [Fact]
    public void Limits_are_named()
    {
        Assert.Contains("Contents:MaxModelBytes", Assert.Throws<ContentException>(() => Parse("{\"a\":\""u8, Encoding.UTF8.GetBytes(new string('x', 2000)))).Message, StringComparison.Ordinal);
        Assert.Contains("Limit:Name", Assert.Throws<ContentException>(() => Parse("{\"content\":["u8, Encoding.UTF8.GetBytes(new string('1', 2000)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_comes_through_any_cuts() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(string? Text, PositiveInt Size, bool Escaped)>(),
            given =>
            {
                string text = new([.. (given.Text ?? "").Where(letter => !char.IsSurrogate(letter)), '€', '\n']);
                byte[] body = JsonSerializer.SerializeToUtf8Bytes(new { type = "file", content = text, format = "text" }, given.Escaped ? s_escaping : s_plain);
                Sink sink = new();
                SaveBodyParser parser = new(sink, 1000, "X", 1000);
                foreach (byte[] piece in body.Chunk(given.Size.Get))
                    parser.Feed(piece);
                return parser.Finish() is { Type: "file", Format: "text" } && sink.Text == text;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_bytes_break_it()
    {
        Random random = new(20261121);
        byte[] seed = Encoding.UTF8.GetBytes(Odd);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] body = [.. seed];
            for (int change = random.Next(1, 6); change > 0; change--)
                body[random.Next(body.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : "{}[]\",:\\u0n "[random.Next(12)]);
            try
            {
                Parse(body.AsSpan(0, random.Next(body.Length)), body.AsSpan(body.Length / 2));
            }
            catch (ContentException)
            {
                // Refused, which is all that may happen.
            }
        }
    }

    private static (SaveBody? Model, Sink Sink) Parse(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Sink sink = new();
        SaveBodyParser parser = new(sink, 1000, "Limit:Name", 1000);
        parser.Feed(first);
        parser.Feed(second);
        return (parser.Finish(), sink);
    }

    private sealed class Sink : ISaveBodySink
    {
        private readonly List<byte> _bytes = [];

        public bool IsText { get; private set; }

        public string? Format { get; private set; }

        public string Text => Encoding.UTF8.GetString([.. _bytes]);

        public void Begin(bool isText, string? format) => (IsText, Format) = (isText, format);

        public void Add(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);
    }
}
