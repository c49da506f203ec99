using System.Security.Cryptography;

namespace Wire.Yjs;

/// <summary>
/// A document of which there are many replicas, each of which may change it at any time; whoever knows the same updates holds the same document, in whatever
/// order they came (Yjs 13, github.com/yjs/yjs; update format V1, and V2 to read). For one thread at a time: its owner is a loop.
/// </summary>
public sealed class YDoc
{
    private readonly Dictionary<string, SharedType> _roots = [];
    private readonly PendingUpdates _pending;
    private readonly UpdateScope _scope;
    private readonly bool _collectsGarbage;
    private YTransaction? _transaction;
    private long _transactions;
    private int _seen = 1;
    private long _structsAtMost;

    /// <param name="clientId">By which this replica signs its own changes; one that no other has ever used. A random one where it is null.</param>
    /// <param name="limits">How much it takes.</param>
    /// <param name="collectsGarbage">Whether what is removed lets go of its content. Snapshots of the past need it kept.</param>
    public YDoc(long? clientId = null, YjsLimits? limits = null, bool collectsGarbage = true)
    {
        Limits = limits ?? YjsLimits.Default;
        _scope = new UpdateScope(Limits, new ClientTable(Limits.MaxClients));
        Store = new StructStore(_scope.Clients);
        _pending = new PendingUpdates(Store, Limits);
        _collectsGarbage = collectsGarbage;
        ClientId = clientId ?? NewClientId();
    }

    /// <summary>After each transaction that changed something.</summary>
    public event Action<YTransaction>? Changed;

    public YjsLimits Limits { get; }

    public long ClientId { get; private set; }

    /// <summary>Names of all types at the top that were asked for or came with an update.</summary>
    public IReadOnlyCollection<string> Roots => _roots.Keys;

    /// <summary>Structs and removals that wait for others.</summary>
    public int Waiting => _pending.Count;

    /// <summary>Structs it consists of.</summary>
    public int StructCount => Store.Count;

    internal StructStore Store { get; }

    internal bool CollectsGarbage => _collectsGarbage;

    public YText GetText(string name) => new(Root(name));

    public YMap GetMap(string name) => new(Root(name));

    public YArray GetArray(string name) => new(Root(name));

    /// <summary>One update out of all changes made within; transactions within one are part of it.</summary>
    /// <param name="origin">Told to <see cref="Changed"/>.</param>
    public void Transact(Action<YTransaction> change, object? origin = null)
    {
        ArgumentNullException.ThrowIfNull(change);
        Run(change, origin, isLocal: true);
    }

    /// <summary>Takes an update of format V1. Whatever it holds that is known already changes nothing; what needs updates that have not come waits for them.</summary>
    /// <exception cref="YjsFormatException">It is no update; the document is as it was.</exception>
    /// <exception cref="YjsLimitException">It is beyond a limit. The document is as it was, unless it is <see cref="YjsLimits.MaxPendingStructs"/>: then what could be placed is, and what would have to wait was let go.</exception>
    /// <exception cref="InvalidOperationException">Within a transaction.</exception>
    public UpdateResult ApplyUpdate(ReadOnlySpan<byte> update, object? origin = null)
    {
        if (_transaction is not null)
            throw new InvalidOperationException("An update is a transaction of its own.");
        UpdateContents contents = UpdateContents.Read(update, _scope);
        Admit(contents);
        int placed = 0, placeless = 0;
        bool hasChanged = false;
        Run(transaction =>
        {
            _pending.Apply(contents, transaction, ref placed, ref placeless);
            hasChanged = transaction.HasChanges;
            // Somebody else signs with our number: from now on, another one.
            if (transaction.Touched.Exists(client => _scope.Clients.NumberOf(client) == ClientId))
                ClientId = NewClientId();
        }, origin, isLocal: false);
        _pending.ThrowIfFull();
        return new UpdateResult(placed, placeless, _pending.Count, hasChanged);
    }

    public StateVector GetStateVector() => StateVector.Of(Store.Present().ToDictionary(Store.Clients.NumberOf, Store.EndOf));

    /// <summary>All that a replica of this state does not have, what waits here included, in format V1.</summary>
    public byte[] EncodeUpdate(StateVector? known = null)
    {
        known ??= StateVector.Empty;
        UpdateWriter writer = new(1024);
        WriteStructs(writer, [.. Store.Present().Select(client => (client, known.Clocks.GetValueOrDefault(Store.Clients.NumberOf(client))))]);
        DeleteSet.Of(Store).Write(writer, Store.Clients);
        return _pending.Count == 0 ? writer.ToArray() : YUpdates.Merge([writer.ToArray(), _pending.Encode(known)], Limits);
    }

    /// <summary>Which units there are and which of them are removed now.</summary>
    public YSnapshot GetSnapshot() => YSnapshot.Of(this);

    internal static long NewClientId() => (uint)RandomNumberGenerator.GetInt32(int.MinValue, int.MaxValue);

    internal SharedType Root(string name)
    {
        if (!_roots.TryGetValue(name, out SharedType? root))
            _roots.Add(name, root = new SharedType(TypeKind.Root) { Name = name, Document = this });
        return root;
    }

    internal void Write(Action<YTransaction> change) => Run(change, _transaction?.Origin, isLocal: true);

    /// <summary>An item of this replica's own at the end of its units.</summary>
    internal Item NewItem(int length, ContentKind kind, object? content)
    {
        int client = Store.Clients.PlaceOf(ClientId);
        int clock = Store.EndOf(client);
        int start = 0;
        if (content is string text && kind == ContentKind.Text)
            content = _scope.Texts.Take(text, out start);
        return new Item(client, clock, length, kind, content) { TextStart = start };
    }

    internal byte[] EncodeChanges(YTransaction transaction)
    {
        UpdateWriter writer = new(64);
        List<int> order = [.. transaction.Touched];
        order.Sort(Store.Clients.Compare);
        WriteStructs(writer, [.. order.Select(client => (client, transaction.EndBefore(client)))]);
        transaction.Deleted.Write(writer, Store.Clients);
        return writer.ToArray();
    }

    /// <param name="clients">In the order of the wire, each with the clock from which on.</param>
    internal void WriteStructs(UpdateWriter writer, IReadOnlyList<(int Client, int From)> clients)
    {
        List<(int Client, int From)> some = [.. clients.Where(pair => Store.EndOf(pair.Client) > pair.From)];
        writer.WriteVarUint(some.Count);
        foreach ((int client, int from) in some)
        {
            StructList structs = Store.Of(client).Structs;
            StructPlace place = structs.Find(from);
            writer.WriteVarUint(structs.CountFrom(place));
            writer.WriteVarUint(Store.Clients.NumberOf(client));
            writer.WriteVarUint(from);
            int offset = from - structs[place].Clock;
            do
            {
                structs[place].Write(writer, Store.Clients, offset);
                offset = 0;
            }
            while (structs.TryNext(ref place));
        }
    }

    /// <returns>A number above all that stand on items.</returns>
    internal int BeginSearch()
    {
        if (_seen > int.MaxValue / 2)
        {
            foreach (int client in Store.Present())
                foreach (Struct one in Store.Of(client).Structs.All())
                    if (one is Item item)
                        item.Seen = 0;
            _seen = 1;
        }

        return _seen;
    }

    internal void EndSearch(int seen) => _seen = seen;

    /// <summary>Counted only where an estimate, which knows nothing of what was joined, says that it may be too much.</summary>
    private void Admit(UpdateContents contents)
    {
        int more = contents.Count + (2 * contents.Deleted.Count);
        _structsAtMost += more;
        if (_structsAtMost <= Limits.MaxStructs)
            return;
        _structsAtMost = Store.Count + (long)more;
        if (_structsAtMost > Limits.MaxStructs)
        {
            _structsAtMost -= more;
            throw new YjsLimitException(nameof(YjsLimits.MaxStructs), Limits.MaxStructs);
        }
    }

    private void Run(Action<YTransaction> change, object? origin, bool isLocal)
    {
        if (_transaction is not null)
        {
            change(_transaction);
            return;
        }

        YTransaction transaction = _transaction = new YTransaction(this, ++_transactions, origin, isLocal);
        try
        {
            change(transaction);
        }
        finally
        {
            // Even where it failed half way: what is done is done, and the others are to know it.
            _transaction = null;
            Finish(transaction);
        }
    }

    private void Finish(YTransaction transaction)
    {
        if (!transaction.IsLocal)
            foreach (SharedType list in transaction.ChangedLists)
                list.Markers?.Clear();
        Cleaning.Clean(transaction, _collectsGarbage);
        if (!transaction.HasChanges || Changed is not { } told)
            return;
        // Encoded while what it points at is still what it was.
        _ = transaction.Update;
        told(transaction);
    }
}
