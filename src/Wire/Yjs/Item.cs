namespace Wire.Yjs;

/// <summary>
/// Units that were put somewhere: each knows what stood left and right of it when it was made, and by that all replicas find the same order (YATA;
/// Nicolaescu et al., 2016). Fields are few and small: a document is mostly made of these.
/// </summary>
internal sealed class Item : Struct
{
    /// <summary>Texts are joined up to so many characters, so that typing costs no copy of all that stands before.</summary>
    private const int MaxJoinedCharacters = 512;

    /// <summary>And values up to so many bytes.</summary>
    private const int MaxJoinedBytes = 1024;

    public Item(int client, int clock, int length, ContentKind kind, object? content)
        : base(client, clock, length) => (Kind, Content) = (kind, content);

    /// <summary>Of the unit that stood left of the first when it was made.</summary>
    public YId Origin { get; set; } = YId.None;

    /// <summary>Of the unit that stood right of the last.</summary>
    public YId RightOrigin { get; set; } = YId.None;

    public Item? Left { get; set; }

    public Item? Right { get; set; }

    /// <summary>A <see cref="SharedType"/>; before it is part of a document the name of one at the top, the <see cref="YId"/> of one below, or null: that of a neighbour.</summary>
    public object? Parent { get; set; }

    /// <summary>The key in a map; null in a list.</summary>
    public string? Key { get; set; }

    /// <summary>By <see cref="Kind"/>: nothing, <c>string[]</c>, <c>byte[]</c>, <c>char[]</c> of which <see cref="TextStart"/> tells the part, …</summary>
    public object? Content { get; set; }

    /// <summary>Where in its characters this part begins: many items share them (<see cref="TextRoom"/>), so that taking one apart copies nothing.</summary>
    public int TextStart { get; set; }

    /// <summary>Number of the last search for a place that came by.</summary>
    public int Seen { get; set; }

    public ContentKind Kind { get; set; }

    public bool Removed { get; set; }

    /// <summary>A <see cref="PositionMarker"/> points here.</summary>
    public bool IsMarked { get; set; }

    public override bool IsDeleted => Removed;

    /// <summary>Whether it takes a place in its list: a format does not, neither does what is removed for good.</summary>
    public bool IsCountable => Kind is not (ContentKind.Deleted or ContentKind.Format);

    public bool IsVisible => !Removed && IsCountable;

    public SharedType Owner => (SharedType)Parent!;

    public ReadOnlySpan<char> Text => ((char[])Content!).AsSpan(TextStart, Length);

    /// <summary>Cuts it in two, without care for the lists it is in.</summary>
    /// <returns>The part after the first <paramref name="count"/> units.</returns>
    public Item SplitOff(int count)
    {
        Item right = new(Client, Clock + count, Length - count, Kind, null) { Origin = new YId(Client, Clock + count - 1), RightOrigin = RightOrigin, Parent = Parent, Key = Key, Removed = Removed };
        switch (Kind)
        {
            case ContentKind.Deleted:
                break;
            case ContentKind.Text:
                (right.Content, right.TextStart) = (Content, TextStart + count);
                if (char.IsHighSurrogate(Text[count - 1]))
                    SplitPair(right, count);
                break;
            case ContentKind.Json:
                string[] texts = (string[])Content!;
                (Content, right.Content) = (texts[..count], texts[count..]);
                break;
            case ContentKind.Any:
                (Content, right.Content) = ((AnyRun)Content!).Split(count);
                break;
            default:
                throw new InvalidOperationException($"{Kind} has one unit.");
        }

        Length = count;
        return right;
    }

    public override bool TryMerge(Struct right)
    {
        if (right is not Item item || item.Origin != LastId || Right != item || item.RightOrigin != RightOrigin || item.Client != Client || item.Clock != End
            || item.Removed != Removed || item.Kind != Kind || !TryJoin(item))
            return false;
        if (item.IsMarked)
            Owner.Markers?.Replace(item, this);
        Right = item.Right;
        if (Right is not null)
            Right.Left = this;
        Length += item.Length;
        return true;
    }

    public override void Write(UpdateWriter writer, ClientTable clients, int offset) => ItemCodec.Write(this, writer, clients, offset);

    private bool TryJoin(Item right)
    {
        switch (Kind)
        {
            case ContentKind.Deleted:
                return true;
            case ContentKind.Text when ReferenceEquals(Content, right.Content) && TextStart + Length == right.TextStart:
                return true;
            case ContentKind.Text when Length + right.Length <= MaxJoinedCharacters:
                (Content, TextStart) = ((char[])[.. Text, .. right.Text], 0);
                return true;
            case ContentKind.Any when ((AnyRun)Content!) is { } run && run.Bytes.Length + ((AnyRun)right.Content!).Bytes.Length <= MaxJoinedBytes:
                Content = run.Join((AnyRun)right.Content!);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Half a pair would be no text: as in Yjs, both halves become U+FFFD.</summary>
    private void SplitPair(Item right, int count)
    {
        char[] left = [.. Text[..(count - 1)], '\ufffd'];
        (right.Content, right.TextStart) = ((char[])['\ufffd', .. Text[(count + 1)..]], 0);
        (Content, TextStart) = (left, 0);
    }
}
