namespace Wire.Yjs;

/// <summary>
/// A place in a text with formats, and which of them hold there. A format is an item of its own where it begins and another where it ends, so every change has
/// to look at what stands around it (yjs, YText.js).
/// </summary>
internal sealed class TextCursor(SharedType type, YTransaction transaction)
{
    /// <summary>A format that ends.</summary>
    public const string NoFormat = "null";

    private readonly Dictionary<string, string> _formats = [];
    private ListPosition _place = new(null, type.Start);

    /// <exception cref="ArgumentOutOfRangeException">The text is shorter.</exception>
    public TextCursor MoveTo(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, type.Length);
        for (int rest = index; rest > 0; Forward())
        {
            Item item = _place.Right!;
            if (!item.IsVisible)
                continue;
            CutAt(item, rest);
            rest -= item.Length;
        }

        return this;
    }

    /// <param name="kind">Text or embed.</param>
    /// <param name="content">Of it.</param>
    /// <param name="length">Its units.</param>
    /// <param name="wanted">Formats; null for those that hold here.</param>
    public void Insert(ContentKind kind, object content, int length, Dictionary<string, string>? wanted)
    {
        Dictionary<string, string> formats = wanted ?? new(_formats);
        foreach (string key in _formats.Keys)
            formats.TryAdd(key, NoFormat);
        SkipWhatHolds(formats);
        Dictionary<string, string> undone = Begin(formats);
        Place(transaction.Document.NewItem(length, kind, content));
        End(undone);
    }

    public void Format(int length, Dictionary<string, string> formats)
    {
        SkipWhatHolds(formats);
        Dictionary<string, string> undone = Begin(formats);
        int rest = length;
        while (_place.Right is { } item && (rest > 0 || (undone.Count > 0 && (item.Removed || item.Kind == ContentKind.Format))))
        {
            if (!item.Removed && item.Content is FormatMark mark)
            {
                if (formats.TryGetValue(mark.Key, out string? wanted))
                {
                    if (wanted == mark.Json)
                        undone.Remove(mark.Key);
                    else if (rest == 0)
                        break;
                    else
                        undone[mark.Key] = mark.Json;
                    Placement.Remove(item, transaction);
                }
                else
                {
                    // Not asked for: it holds here as before.
                    Note(_formats, mark);
                }
            }
            else if (item.IsVisible)
            {
                CutAt(item, rest);
                rest -= item.Length;
            }

            Forward();
        }

        End(undone);
    }

    public void Remove(int length)
    {
        Dictionary<string, string> before = new(_formats);
        Item? start = _place.Right;
        for (int rest = length; rest > 0 && _place.Right is { } item; Forward())
        {
            if (!item.IsVisible)
                continue;
            CutAt(item, rest);
            rest -= item.Length;
            Placement.Remove(item, transaction);
        }

        if (start is not null)
            TidyGap(start, _place.Right, before);
    }

    private static void Note(Dictionary<string, string> formats, FormatMark mark)
    {
        if (mark.Json == NoFormat)
            formats.Remove(mark.Key);
        else
            formats[mark.Key] = mark.Json;
    }

    private void Forward()
    {
        Item item = _place.Right!;
        if (item is { Removed: false, Content: FormatMark mark })
            Note(_formats, mark);
        _place = new ListPosition(item, item.Right);
    }

    private void CutAt(Item item, int rest)
    {
        if (rest < item.Length)
            transaction.Document.Store.FindStart(new YId(item.Client, item.Clock + rest));
    }

    /// <summary>Past what is removed, and past formats that say what is wanted anyway.</summary>
    private void SkipWhatHolds(Dictionary<string, string> formats)
    {
        while (_place.Right is { } item && (item.Removed || (item.Content is FormatMark mark && formats.GetValueOrDefault(mark.Key, NoFormat) == mark.Json)))
            Forward();
    }

    /// <returns>What holds after the place, for each format that begins here.</returns>
    private Dictionary<string, string> Begin(Dictionary<string, string> formats)
    {
        Dictionary<string, string> undone = [];
        foreach ((string key, string value) in formats)
        {
            string holds = _formats.GetValueOrDefault(key, NoFormat);
            if (holds == value)
                continue;
            undone[key] = holds;
            Place(transaction.Document.NewItem(1, ContentKind.Format, new FormatMark(key, value)));
        }

        return undone;
    }

    private void End(Dictionary<string, string> undone)
    {
        while (_place.Right is { } item && (item.Removed || (item.Content is FormatMark mark && undone.TryGetValue(mark.Key, out string? value) && value == mark.Json)))
        {
            if (item is { Removed: false, Content: FormatMark said })
                undone.Remove(said.Key);
            Forward();
        }

        foreach ((string key, string value) in undone)
            Place(transaction.Document.NewItem(1, ContentKind.Format, new FormatMark(key, value)));
    }

    private void Place(Item item)
    {
        _place = _place.Insert(type, item, transaction, index: -1);
        if (item.Content is FormatMark mark)
            Note(_formats, mark);
    }

    /// <summary>Formats in a gap that nothing visible is in any more: those that change nothing go.</summary>
    /// <param name="start">First item of the gap.</param>
    /// <param name="current">Where the cursor stands: formats before it may have to be taken back.</param>
    /// <param name="before">What held before the gap.</param>
    private void TidyGap(Item start, Item? current, Dictionary<string, string> before)
    {
        Item? end = start;
        Dictionary<string, FormatMark> last = [];
        for (; end is { IsVisible: false }; end = end.Right)
            if (end is { Removed: false, Content: FormatMark mark })
                last[mark.Key] = mark;
        bool isPast = false;
        for (Item? item = start; item is not null && item != end; item = item.Right)
        {
            isPast |= item == current;
            if (item is not { Removed: false, Content: FormatMark mark })
                continue;
            string held = before.GetValueOrDefault(mark.Key, NoFormat);
            if (!ReferenceEquals(last.GetValueOrDefault(mark.Key), mark) || held == mark.Json)
            {
                Placement.Remove(item, transaction);
                if (!isPast && _formats.GetValueOrDefault(mark.Key, NoFormat) == mark.Json && held != mark.Json)
                    Note(_formats, new FormatMark(mark.Key, held));
            }
            else if (!isPast)
            {
                Note(_formats, mark);
            }
        }
    }
}
