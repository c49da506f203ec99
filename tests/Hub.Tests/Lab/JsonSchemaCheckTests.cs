using System.Text.Json.Nodes;
using Hub.Lab;
using Xunit;

namespace Hub.Tests.Lab;

public sealed class JsonSchemaCheckTests
{
    [Theory]
    [InlineData("""{"type": "number"}""", "1.5")]
    [InlineData("""{"type": ["string", "null"]}""", "null")]
    [InlineData("""{"type": "integer"}""", "2.0")]
    [InlineData("""{"enum": [1, "a"]}""", "1.0")]
    [InlineData("""{"const": {"a": [1]}}""", """{"a": [1]}""")]
    [InlineData("""{"properties": {"a": {"$ref": "#/definitions/size"}}, "definitions": {"size": {"minimum": 3}}}""", """{"a": 3, "b": 1}""")]
    [InlineData("""{"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": false}""", """{"x-a": "b"}""")]
    [InlineData("""{"items": [{"type": "string"}], "additionalItems": {"type": "number"}}""", """["a", 1, 2]""")]
    [InlineData("""{"oneOf": [{"type": "string"}, {"type": "number"}]}""", "3")]
    [InlineData("""{"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}}""", "2")]
    [InlineData("""{"$ref": "https://elsewhere/schema"}""", "3")]
    [InlineData("""{"pattern": "["}""", "\"x\"")]
    [InlineData("""{"$ref": "#/definitions/loop", "definitions": {"loop": {"properties": {"a": {"$ref": "#"}}}}}""", """{"a": {"a": {}}}""")]
    [InlineData("true", "3")]
    [InlineData("""{"format": "date", "jupyter.lab.menus": {}}""", "3")]
    public void What_the_schema_allows_is_fine(string schema, string value) => Assert.Null(Problem(schema, value));

    [Theory]
    [InlineData("""{"properties": {"a": {"type": "number"}}}""", """{"a": "b"}""", "/a must be of type number")]
    [InlineData("""{"additionalProperties": false}""", """{"a": 1}""", "/a is not allowed here")]
    [InlineData("""{"required": ["a"]}""", "{}", "the value lacks 'a'")]
    [InlineData("""{"type": "integer"}""", "2.5", "of type integer")]
    [InlineData("""{"enum": ["a", "b"]}""", "3", "must be one of \"a\", \"b\"")]
    [InlineData("""{"items": {"maximum": 3}}""", "[1, 4]", "/1 must be at most 3")]
    [InlineData("""{"uniqueItems": true}""", "[1, 2, 1]", "/2 repeats an item before it")]
    [InlineData("""{"minItems": 2}""", "[1]", "at least 2 items")]
    [InlineData("""{"pattern": "^a$"}""", "\"b\"", "must match ^a$")]
    [InlineData("""{"anyOf": [{"type": "string"}, {"type": "null"}]}""", "3", "of type string")]
    [InlineData("""{"oneOf": [{"type": "number"}, {"minimum": 1}]}""", "3", "more than one")]
    [InlineData("""{"not": {"type": "number"}}""", "3", "not allowed")]
    [InlineData("""{"allOf": [{"multipleOf": 2}]}""", "3", "multiple of 2")]
    [InlineData("""{"exclusiveMinimum": 3}""", "3", "more than 3")]
    [InlineData("""{"dependencies": {"a": ["b"]}}""", """{"a": 1}""", "needs 'b'")]
    [InlineData("""{"propertyNames": {"maxLength": 1}}""", """{"ab": 1}""", "at most 1 characters")]
    [InlineData("""{"contains": {"type": "string"}}""", "[1]", "lacks an item")]
    [InlineData("""{"if": {"type": "string"}, "then": {"minLength": 2}}""", "\"x\"", "at least 2 characters")]
    public void What_it_does_not_allow_is_named_with_its_place(string schema, string value, string problem) =>
        Assert.Contains(problem, Problem(schema, value), StringComparison.Ordinal);

    [Fact]
    public void A_schema_that_never_ends_or_a_pattern_that_takes_for_ever_is_given_up()
    {
        Assert.Contains("too much", Problem("""{"$ref": "#"}""", "3"), StringComparison.Ordinal);
        Assert.Contains("must match", Problem("""{"pattern": "^(a+)+$"}""", $"\"{new string('a', 60)}!\""), StringComparison.Ordinal);
        string many = $"[{string.Join(',', Enumerable.Range(0, 3000))}]";
        Assert.Contains("too many", Problem("""{"uniqueItems": true}""", many), StringComparison.Ordinal);
    }

    private static string? Problem(string schema, string value) => JsonSchemaCheck.FirstProblem(JsonNode.Parse(schema)!, JsonNode.Parse(value));
}
