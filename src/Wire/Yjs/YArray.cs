namespace Wire.Yjs;

/// <summary>A list of values and of types.</summary>
public sealed class YArray : YType
{
    internal YArray(SharedType type)
        : base(type)
    {
    }

    public int Count => Type.Length;

    /// <summary>A value as JavaScript has them (numbers are <see cref="double"/>, objects <see cref="OrderedDictionary{TKey, TValue}"/>), or a <see cref="YType"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public object? this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Type.Length);
            (Item? item, int at) = Type.Length > 32 && !Type.HasFormats ? (Type.Markers ??= new PositionMarkers()).Near(Type, index) : (Type.Start, 0);
            for (; item is not null; item = item.Right)
            {
                if (!item.IsVisible)
                    continue;
                if (index < at + item.Length)
                    return ValueOf(item, index - at);
                at += item.Length;
            }

            throw new InvalidOperationException("The list is shorter than its length.");
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The list is shorter.</exception>
    /// <exception cref="ArgumentException">A value that JavaScript does not have.</exception>
    public void Insert(int index, params IReadOnlyList<object?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Document.Write(transaction =>
        {
            ListPosition place = ListPosition.Find(Type, index);
            int next = 0;
            while (next < values.Count)
            {
                int end = next;
                while (end < values.Count && values[end] is not byte[])
                    end++;
                Item item = end > next
                    ? Document.NewItem(end - next, ContentKind.Any, AnyRun.Of([.. values.Skip(next).Take(end - next)], Document.Limits.MaxValueDepth))
                    : Document.NewItem(1, ContentKind.Binary, values[next]);
                place = place.Insert(Type, item, transaction, index + next);
                next += item.Length;
            }
        });
    }

    public void Add(params IReadOnlyList<object?> values) => Insert(Count, values);

    public YMap InsertMap(int index) => new(InsertType(index, TypeKind.Map));

    public YArray InsertArray(int index) => new(InsertType(index, TypeKind.Array));

    public YText InsertText(int index) => new(InsertType(index, TypeKind.Text));

    /// <exception cref="ArgumentOutOfRangeException">The list is shorter.</exception>
    public void RemoveAt(int index, int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Type.Length - count);
        if (count > 0)
            Document.Write(transaction => ListPosition.Find(Type, index).Remove(Type, index, count, transaction));
    }

    public IEnumerable<object?> Values()
    {
        for (Item? item = Type.Start; item is not null; item = item.Right)
            if (item.IsVisible)
                for (int index = 0; index < item.Length; index++)
                    yield return ValueOf(item, index);
    }

    public override object? ToValue() => Values().Select(Plain).ToList();

    private SharedType InsertType(int index, TypeKind kind)
    {
        SharedType type = new(kind);
        Document.Write(transaction => ListPosition.Find(Type, index).Insert(Type, Document.NewItem(1, ContentKind.Type, type), transaction, index));
        return type;
    }
}
