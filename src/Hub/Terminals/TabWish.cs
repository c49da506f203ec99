namespace Hub.Terminals;

/// <summary>What a tab sent.</summary>
public abstract record TabWish
{
    /// <summary>Something typed or pasted, as UTF-8.</summary>
    public sealed record Type(ReadOnlyMemory<byte> Text) : TabWish;

    /// <summary>The tab's own size.</summary>
    public sealed record Resize(TerminalSize Size) : TabWish;

    /// <summary>Nothing the hub has to do with: a word of a newer client, or the size of a page that is not laid out yet.</summary>
    public sealed record Nothing : TabWish;

    /// <summary>No such frame; <paramref name="Why"/> is for the close frame.</summary>
    public sealed record Malformed(string Why) : TabWish;
}
