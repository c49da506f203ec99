namespace Hub.Http;

/// <summary>Says that an endpoint's answer stays open for long, as server-sent events do: it is cut when the caller's right to it ends.</summary>
public sealed record LongAnswer
{
    public static LongAnswer Yes { get; } = new();
}
