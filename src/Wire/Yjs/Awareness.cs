using System.Text;
using System.Text.Json;

namespace Wire.Yjs;

/// <summary>
/// Who is here and where their cursors are: a state of JSON for each client, which only that client changes, gone when it is not repeated for half a minute
/// (y-protocols, awareness.js). For one thread at a time.
/// </summary>
/// <param name="time">By which states grow old.</param>
/// <param name="limits">How much it takes.</param>
public sealed class Awareness(TimeProvider time, YjsLimits? limits = null)
{
    /// <summary>After so long without a word a client is gone. Pages say something every fifteen seconds.</summary>
    public static readonly TimeSpan Outdated = TimeSpan.FromSeconds(30);

    private const string NoState = "null";

    private const int MaxDepth = 200;

    private readonly YjsLimits _limits = limits ?? YjsLimits.Default;
    private readonly Dictionary<long, AwarenessEntry> _entries = [];

    /// <summary>Clients that are here.</summary>
    public IReadOnlyList<long> Clients => [.. _entries.Where(pair => pair.Value.State is not null).Select(pair => pair.Key)];

    /// <summary>JSON; null where the client is not here.</summary>
    public string? StateOf(long client) => _entries.GetValueOrDefault(client)?.State;

    /// <exception cref="YjsFormatException">It is no message of awareness; nothing has changed.</exception>
    /// <exception cref="YjsLimitException">It is beyond a limit; nothing has changed.</exception>
    public AwarenessChange Apply(ReadOnlySpan<byte> update)
    {
        List<(long Client, long Clock, string? State)> said = Read(update);
        int unknown = said.Select(one => one.Client).Distinct().Count(client => !_entries.ContainsKey(client));
        if (_entries.Count + unknown > _limits.MaxAwarenessClients)
            ForgetGone();
        if (_entries.Count + unknown > _limits.MaxAwarenessClients)
            throw new YjsLimitException(nameof(YjsLimits.MaxAwarenessClients), _limits.MaxAwarenessClients);
        List<long> added = [], updated = [], removed = [];
        foreach ((long client, long clock, string? state) in said)
        {
            AwarenessEntry? known = _entries.GetValueOrDefault(client);
            long before = known?.Clock ?? 0;
            if (clock < before || (clock == before && (state is not null || known?.State is null)))
                continue;
            _entries[client] = new AwarenessEntry(clock, state, time.GetUtcNow());
            if (known is null && state is not null)
                added.Add(client);
            else if (known is not null && state is null)
                removed.Add(client);
            else if (state is not null)
                updated.Add(client);
        }

        return new AwarenessChange(added, updated, removed);
    }

    /// <summary>Of a client whose connection ended; all are told so by <see cref="Encode"/>, and should it live it says something newer.</summary>
    public AwarenessChange Remove(IEnumerable<long> clients)
    {
        ArgumentNullException.ThrowIfNull(clients);
        List<long> removed = [];
        foreach (long client in clients)
        {
            if (_entries.GetValueOrDefault(client) is not { State: not null } known)
                continue;
            _entries[client] = known with { State = null, Heard = time.GetUtcNow() };
            removed.Add(client);
        }

        return new AwarenessChange([], [], removed);
    }

    /// <summary>Removes those that said nothing for <see cref="Outdated"/>; to be called now and then.</summary>
    public AwarenessChange RemoveOutdated()
    {
        DateTimeOffset oldest = time.GetUtcNow() - Outdated;
        return Remove([.. _entries.Where(pair => pair.Value.State is not null && pair.Value.Heard <= oldest).Select(pair => pair.Key)]);
    }

    /// <summary>What is known of these clients, to be told to others; of unknown ones nothing.</summary>
    public byte[] Encode(IReadOnlyCollection<long> clients)
    {
        ArgumentNullException.ThrowIfNull(clients);
        List<KeyValuePair<long, AwarenessEntry>> some = [.. clients.Where(_entries.ContainsKey).Select(client => KeyValuePair.Create(client, _entries[client]))];
        UpdateWriter writer = new();
        writer.WriteVarUint(some.Count);
        foreach ((long client, AwarenessEntry entry) in some)
        {
            writer.WriteVarUint(client);
            writer.WriteVarUint(entry.Clock);
            writer.WriteString(entry.State ?? NoState);
        }

        return writer.ToArray();
    }

    private List<(long Client, long Clock, string? State)> Read(ReadOnlySpan<byte> update)
    {
        UpdateReader reader = new(update);
        List<(long, long, string?)> said = [];
        for (int count = reader.ReadCount(3); count > 0; count--)
        {
            long client = reader.ReadVarUint();
            long clock = reader.ReadVarUint();
            ReadOnlySpan<byte> state = reader.ReadBuffer();
            if (state.Length > _limits.MaxAwarenessBytes)
                throw new YjsLimitException(nameof(YjsLimits.MaxAwarenessBytes), _limits.MaxAwarenessBytes);
            said.Add((client, clock, IsNone(state, reader.Offset) ? null : Encoding.UTF8.GetString(state)));
        }

        return reader.IsAtEnd ? said : throw reader.Fail("Something follows");
    }

    private static bool IsNone(ReadOnlySpan<byte> state, int offset)
    {
        try
        {
            Utf8JsonReader json = new(state, new JsonReaderOptions { MaxDepth = MaxDepth });
            json.Read();
            JsonTokenType first = json.TokenType;
            json.Skip();
            return json.Read() ? throw new YjsFormatException("A state that is no JSON", offset) : first == JsonTokenType.Null;
        }
        catch (JsonException)
        {
            throw new YjsFormatException("A state that is no JSON", offset);
        }
    }

    /// <summary>Those long gone: an older word of theirs would make them come again, but they do not speak any more.</summary>
    private void ForgetGone()
    {
        DateTimeOffset oldest = time.GetUtcNow() - (2 * Outdated);
        foreach ((long client, AwarenessEntry entry) in _entries)
            if (entry.State is null && entry.Heard <= oldest)
                _entries.Remove(client);
    }
}
