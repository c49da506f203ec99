using System.Text;

namespace Wire.Yjs;

/// <summary>A text, with formats if it has any. Places are counted in UTF-16 units, as JavaScript and C# do.</summary>
public sealed class YText : YType
{
    internal YText(SharedType type)
        : base(type)
    {
    }

    /// <summary>Visible units; an embed is one.</summary>
    public int Length => Type.Length;

    /// <param name="index">Units before it.</param>
    /// <param name="text">What is put in.</param>
    /// <param name="attributes">Formats; null for those of what stands before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The text is shorter.</exception>
    public void Insert(int index, string text, IReadOnlyDictionary<string, object?>? attributes = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Type.Length);
        if (text.Length > 0)
            Put(index, ContentKind.Text, text, text.Length, attributes);
    }

    /// <summary>Puts an object into the text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text is shorter.</exception>
    public void InsertEmbed(int index, object? value, IReadOnlyDictionary<string, object?>? attributes = null) =>
        Put(index, ContentKind.Embed, JsonValues.Write(value), 1, attributes ?? new Dictionary<string, object?>());

    /// <exception cref="ArgumentOutOfRangeException">The text is shorter.</exception>
    public void Remove(int index, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Type.Length - length);
        if (length == 0)
            return;
        Document.Write(transaction =>
        {
            if (Type.HasFormats)
                new TextCursor(Type, transaction).MoveTo(index).Remove(length);
            else
                ListPosition.Find(Type, index).Remove(Type, index, length, transaction);
        });
    }

    /// <summary>Gives a part formats; a value of null takes one away.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text is shorter.</exception>
    public void Format(int index, int length, IReadOnlyDictionary<string, object?> attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Type.Length - length);
        if (length > 0)
            Document.Write(transaction => new TextCursor(Type, transaction).MoveTo(index).Format(length, Texts(attributes)));
    }

    /// <summary>Without formats and embeds.</summary>
    public override string ToString()
    {
        StringBuilder text = new(Type.Length);
        for (Item? item = Type.Start; item is not null; item = item.Right)
            if (item is { Removed: false, Kind: ContentKind.Text })
                text.Append(item.Text);
        return text.ToString();
    }

    /// <summary>With formats and embeds.</summary>
    public IReadOnlyList<YTextPart> ToParts()
    {
        List<YTextPart> parts = [];
        StringBuilder text = new();
        SortedDictionary<string, string> formats = new(StringComparer.Ordinal);
        for (Item? item = Type.Start; item is not null; item = item.Right)
        {
            if (item.Removed)
                continue;
            switch (item.Kind)
            {
                case ContentKind.Text:
                    text.Append(item.Text);
                    break;
                case ContentKind.Format:
                    Flush();
                    FormatMark mark = (FormatMark)item.Content!;
                    if (mark.Json == TextCursor.NoFormat)
                        formats.Remove(mark.Key);
                    else
                        formats[mark.Key] = mark.Json;
                    break;
                case ContentKind.Embed or ContentKind.Type:
                    Flush();
                    parts.Add(new YTextPart(ValueOf(item, 0), Values()));
                    break;
            }
        }

        Flush();
        return parts;

        void Flush()
        {
            if (text.Length > 0)
                parts.Add(new YTextPart(text.ToString(), Values()));
            text.Clear();
        }

        Dictionary<string, object?> Values() => formats.ToDictionary(pair => pair.Key, pair => JsonValues.Parse(pair.Value));
    }

    public override object? ToValue() => ToString();

    private static Dictionary<string, string> Texts(IReadOnlyDictionary<string, object?> attributes) =>
        attributes.ToDictionary(pair => pair.Key, pair => JsonValues.Write(pair.Value));

    private void Put(int index, ContentKind kind, object content, int length, IReadOnlyDictionary<string, object?>? attributes) => Document.Write(transaction =>
    {
        if (Type.HasFormats || attributes is { Count: > 0 })
            new TextCursor(Type, transaction).MoveTo(index).Insert(kind, content, length, attributes is null ? null : Texts(attributes));
        else
            ListPosition.Find(Type, index).Insert(Type, Document.NewItem(length, kind, content), transaction, index);
    });
}
