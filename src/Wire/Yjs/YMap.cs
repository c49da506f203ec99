using System.Diagnostics.CodeAnalysis;

namespace Wire.Yjs;

/// <summary>Values and types by key; of two that set one key at once the same one wins everywhere.</summary>
public sealed class YMap : YType
{
    internal YMap(SharedType type)
        : base(type)
    {
    }

    public IEnumerable<string> Keys => Type.Keys.Where(pair => !pair.Value.Removed).Select(pair => pair.Key);

    public int Count => Type.Keys.Values.Count(item => !item.Removed);

    /// <summary>A value or a <see cref="YType"/>; null where there is none.</summary>
    public object? this[string key] => TryGet(key, out object? value) ? value : null;

    public bool TryGet(string key, [MaybeNullWhen(false)] out object? value)
    {
        Item? item = Type.Newest(key) is { Removed: false } present ? present : null;
        value = item is null ? null : ValueOf(item, item.Length - 1);
        return item is not null;
    }

    /// <exception cref="ArgumentException">A value that JavaScript does not have.</exception>
    public void Set(string key, object? value)
    {
        (ContentKind kind, object content) = ContentOf(value, Document.Limits);
        Put(key, kind, content);
    }

    public YMap SetMap(string key) => new(PutType(key, TypeKind.Map));

    public YArray SetArray(string key) => new(PutType(key, TypeKind.Array));

    public YText SetText(string key) => new(PutType(key, TypeKind.Text));

    /// <returns>False where there was none.</returns>
    public bool Remove(string key)
    {
        if (Type.Newest(key) is not { Removed: false } item)
            return false;
        Document.Write(transaction => Placement.Remove(item, transaction));
        return true;
    }

    public override object? ToValue()
    {
        OrderedDictionary<string, object?> fields = [];
        foreach (string key in Keys)
            fields[key] = Plain(this[key]);
        return fields;
    }

    private SharedType PutType(string key, TypeKind kind)
    {
        SharedType type = new(kind);
        Put(key, ContentKind.Type, type);
        return type;
    }

    private void Put(string key, ContentKind kind, object content) => Document.Write(transaction =>
    {
        Item item = Document.NewItem(1, kind, content);
        Item? left = Type.Newest(key);
        (item.Left, item.Origin, item.Parent, item.Key) = (left, left?.LastId ?? YId.None, Type, key);
        Placement.Integrate(item, transaction);
    });
}
