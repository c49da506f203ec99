using System.Buffers;
using System.Text;
using Hub.Contents;
using Hub.Contents.Saving;
using Xunit;

namespace Hub.Tests.Contents.Saving;

public sealed class Base64DecoderTests
{
    [Fact]
    public void Any_length_comes_through_any_cuts()
    {
        Random random = new(1);
        foreach (int length in new[] { 0, 1, 2, 3, 4, 100, 12_287, 12_288, 12_289, 50_000 })
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            string text = Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks);
            foreach (int size in new[] { 1, 7, 4096, 1 << 20 })
                Assert.Equal(bytes, Decode([.. Encoding.ASCII.GetBytes(text).Chunk(size)]));
        }
    }

    [Theory]
    [InlineData("YQ", "a")]
    [InlineData("YWI", "ab")]
    [InlineData("YWJj\n", "abc")]
    [InlineData(" Y\tW J\r\nj ", "abc")]
    [InlineData("", "")]
    public void Padding_and_white_space_do_not_matter(string text, string wanted) => Assert.Equal(wanted, Encoding.ASCII.GetString(Decode(Encoding.ASCII.GetBytes(text))));

    [Theory]
    [InlineData("Y")]
    [InlineData("YWJjY")]
    [InlineData("Y*Jj")]
    [InlineData("YWJj-_==")]
    [InlineData("YQ==YQ==")]
    [InlineData("====")]
    [InlineData("###")]
    [InlineData("YWJjé")]
    public void What_is_not_base64_is_refused(string text) =>
        Assert.Equal(ContentFailure.BadRequest, Assert.Throws<ContentException>(() => Decode(Encoding.UTF8.GetBytes(text))).Failure);

    private static byte[] Decode(params byte[][] pieces)
    {
        ArrayBufferWriter<byte> output = new();
        Base64Decoder decoder = new();
        foreach (byte[] piece in pieces)
            decoder.Add(piece, output);
        decoder.Finish(output);
        return output.WrittenSpan.ToArray();
    }
}
