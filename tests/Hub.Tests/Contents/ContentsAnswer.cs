using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>What the contents API answered.</summary>
public sealed record ContentsAnswer(int Status, string Text, HttpResponseMessage Response)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Message => Json["message"]!.GetValue<string>();

    /// <summary>A member of the answer as text; null when it is null.</summary>
    public string? this[string name] => Json[name]?.ToString();

    public ContentsAnswer EnsureStatus(int status)
    {
        Assert.True(Status == status, $"expected {status}, got {Status}: {Text[..Math.Min(Text.Length, 500)]}");
        return this;
    }

    /// <summary>A refusal as clients expect it: 4xx, JSON, a message that says something.</summary>
    public ContentsAnswer EnsureRefused()
    {
        Assert.True(Status is >= 400 and < 500, $"expected a refusal, got {Status}: {Text[..Math.Min(Text.Length, 500)]}");
        Assert.Equal("application/json", Response.Content.Headers.ContentType?.MediaType);
        Assert.False(string.IsNullOrWhiteSpace(Message));
        Assert.True(Json.AsObject().ContainsKey("reason"));
        return this;
    }
}
