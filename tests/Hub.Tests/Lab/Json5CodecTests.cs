using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Hub.Lab;
using Xunit;

namespace Hub.Tests.Lab;

public sealed class Json5CodecTests
{
    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("{ /* why */ a: 1, // so\n 'b': \"x\", }", """{"a":1,"b":"x"}""")]
    [InlineData("[1, -2.5, +3, .5, 0x1F, -0x2, 1e3, null, true, false,]", "[1,-2.5,3,0.5,31,-2,1000,null,true,false]")]
    [InlineData(@"'it\'s \x41\u00e9\n \
long'", "\"it\u0027s A\u00e9\\n long\"")]
    [InlineData("{$x_1: {\"deep\": [[]]}}", """{"$x_1":{"deep":[[]]}}""")]
    [InlineData("{a: 1, a: 2}", """{"a":2}""")]
    [InlineData("\uFEFF {}\n", "{}")]
    public void What_people_write_is_read(string json5, string json)
    {
        Assert.True(Json5Codec.TryParse(json5, out JsonNode? value, out string problem), problem);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), value), value?.ToJsonString());
    }

    [Theory]
    [InlineData("", "missing")]
    [InlineData("{", "quotes")]
    [InlineData("{a}", "':'")]
    [InlineData("{a: }", "not expected")]
    [InlineData("{1a: 2}", "quotes")]
    [InlineData("[1 2]", "','")]
    [InlineData("'open", "no end")]
    [InlineData("'broken\nline'", "line 1")]
    [InlineData("/* open", "no end")]
    [InlineData("{}\n{}", "line 2")]
    [InlineData("{a: undefined}", "'undefined' is no value")]
    [InlineData("{a: NaN}", "'NaN' is no value")]
    [InlineData("'\\xZZ'", "hexadecimal")]
    public void What_is_wrong_is_said_with_its_line(string json5, string why)
    {
        Assert.False(Json5Codec.TryParse(json5, out _, out string problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.StartsWith("line ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_is_limited_so_that_no_text_exhausts_the_stack()
    {
        Assert.False(Json5Codec.TryParse(new string('[', 1_000_000), out _, out string problem));
        Assert.Contains("deeper than 64", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_breaks_it() =>
        Check.QuickThrowOnFailure(Prop.ForAll<string>(text => text is null || Json5Codec.TryParse(text, out _, out string problem) || problem.Length > 0));

    [Fact]
    public void All_JSON_is_JSON5() =>
        Check.QuickThrowOnFailure(Prop.ForAll<string, int, bool>((text, number, flag) =>
        {
            string json = new JsonObject { [text ?? ""] = new JsonArray(number, flag, text) }.ToJsonString();
            return Json5Codec.TryParse(json, out JsonNode? value, out _) && JsonNode.DeepEquals(JsonNode.Parse(json), value);
        }));
}
