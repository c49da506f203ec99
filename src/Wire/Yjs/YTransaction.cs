namespace Wire.Yjs;

/// <summary>Changes of a document that go out as one update.</summary>
public sealed class YTransaction
{
    private readonly Dictionary<SharedType, HashSet<string>> _changed = [];
    private readonly HashSet<SharedType> _changedLists = [];

    internal YTransaction(YDoc document, long number, object? origin, bool isLocal) => (Document, Number, Origin, IsLocal) = (document, number, origin, isLocal);

    public YDoc Document { get; }

    /// <summary>What whoever made it said of where it comes from.</summary>
    public object? Origin { get; }

    /// <summary>False where it applied an update.</summary>
    public bool IsLocal { get; }

    /// <summary>What is new and what was removed, as an update of format V1; empty where nothing changed. Made when it is first asked for, after the transaction.</summary>
    public ReadOnlyMemory<byte> Update => field.IsEmpty && HasChanges ? field = Document.EncodeChanges(this) : field;

    internal bool HasChanges => Touched.Count > 0 || !Deleted.IsEmpty;

    internal long Number { get; }

    internal DeleteSet Deleted { get; } = new();

    /// <summary>Clients of which something was added.</summary>
    internal List<int> Touched { get; } = [];

    /// <summary>Removed before, but now perhaps to be joined with what was removed around them.</summary>
    internal List<Struct> MergeLater { get; } = [];

    /// <summary>Types that were there before and changed, with the keys of their map that did.</summary>
    internal IReadOnlyDictionary<SharedType, HashSet<string>> ChangedKeys => _changed;

    /// <summary>And those whose list changed.</summary>
    internal IReadOnlySet<SharedType> ChangedLists => _changedLists;

    /// <summary>Whether the list of this text or array, or the map's keys, changed.</summary>
    public bool Changed(YText text) => _changedLists.Contains(text.Type);

    public bool Changed(YArray array) => _changedLists.Contains(array.Type);

    public bool Changed(YMap map) => _changed.ContainsKey(map.Type);

    /// <summary>Keys of the map that were set or removed.</summary>
    public IReadOnlyCollection<string> KeysChanged(YMap map) => _changed.TryGetValue(map.Type, out HashSet<string>? keys) ? keys : [];

    internal int EndBefore(int client)
    {
        ClientStructs structs = Document.Store.Of(client);
        return structs.Transaction == Number ? structs.EndBefore : structs.End;
    }

    internal void Touch(int client)
    {
        ClientStructs structs = Document.Store.Of(client);
        if (structs.Transaction == Number)
            return;
        (structs.Transaction, structs.EndBefore) = (Number, structs.End);
        Touched.Add(client);
    }

    internal void MarkChanged(SharedType type, string? key)
    {
        // A type that came or went in this very transaction did not change.
        if (type.Item is { } item && (item.Removed || item.Clock >= EndBefore(item.Client)))
            return;
        if (key is null)
            _changedLists.Add(type);
        else if (_changed.TryGetValue(type, out HashSet<string>? keys))
            keys.Add(key);
        else
            _changed.Add(type, [key]);
    }

    internal void ForgetChanged(SharedType type)
    {
        _changed.Remove(type);
        _changedLists.Remove(type);
    }
}
