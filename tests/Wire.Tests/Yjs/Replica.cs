using System.Text.Json.Nodes;
using Wire.Yjs;
using Xunit;

namespace Wire.Tests.Yjs;

/// <summary>A replica of ours, or one of npm's yjs with a shadow of ours.</summary>
internal sealed class Replica
{
    private static int s_last;

    private readonly NodeReplicas _node;
    private readonly List<byte[]> _said = [];

    public Replica(NodeReplicas node, int place, int client, bool isNode)
    {
        (_node, Place, IsNode, Id) = (node, place, isNode, Interlocked.Increment(ref s_last));
        Document = new YDoc(isNode ? 1_000_000_000 + place : client);
        Document.Changed += transaction =>
        {
            if (transaction.IsLocal)
                _said.Add(transaction.Update.ToArray());
        };
        if (isNode)
            node.Ask("make", new() { ["id"] = Id, ["client"] = client });
    }

    public int Id { get; }

    public int Place { get; }

    public bool IsNode { get; }

    public YDoc Document { get; }

    /// <summary>Updates of others that it has not heard of.</summary>
    public List<byte[]> Inbox { get; } = [];

    /// <returns>The updates to tell others.</returns>
    public List<byte[]> Change(RandomEdits edits, int changes)
    {
        List<byte[]> updates = [];
        for (; changes > 0; changes--)
        {
            JsonObject change = edits.Next(Document);
            if (!IsNode)
            {
                RandomEdits.Apply(Document, change);
                continue;
            }

            JsonNode answer = _node.Ask("change", new() { ["id"] = Id, ["changes"] = new JsonArray(change) })!;
            foreach ((JsonNode? one, JsonNode? two) in ((JsonArray)answer["updates"]!).Zip((JsonArray)answer["updatesV2"]!))
            {
                byte[] update = Convert.FromBase64String((string)one!);
                Document.ApplyUpdate(update);
                updates.Add(update);
                Assert.Equal(update, YUpdates.FromVersion2(Convert.FromBase64String((string)two!)));
            }

            Check();
        }

        updates.AddRange(_said);
        _said.Clear();
        return updates;
    }

    /// <summary>Hears some of what waits, in any order and some of it twice; or catches up with somebody as after a sleep.</summary>
    public void Receive(Random random, Replica[] all)
    {
        if (random.Next(6) == 0)
        {
            Hear(all[random.Next(all.Length)]);
            return;
        }

        for (int count = Math.Min(Inbox.Count, random.Next(1, 12)); count > 0; count--)
        {
            int place = random.Next(Inbox.Count);
            Apply(Inbox[place]);
            if (random.Next(5) > 0)
                Inbox.RemoveAt(place);
            if (Inbox.Count == 0)
                break;
        }

        if (Inbox.Count > 2 && random.Next(4) == 0)
        {
            byte[] merged = random.Next(2) == 0 ? YUpdates.Merge([.. Inbox.Select(update => (ReadOnlyMemory<byte>)update)]) : _node.AskBytes("merge", new() { ["updates"] = Base64(Inbox) });
            Inbox.Clear();
            Apply(merged);
        }
    }

    /// <summary>As two replicas that meet: tells how far it knows, and hears the rest.</summary>
    public void Hear(Replica other)
    {
        if (other != this)
            Apply(other.Encode(State()));
    }

    public byte[] State() => IsNode ? _node.AskBytes("state", new() { ["id"] = Id }) : Document.GetStateVector().Encode();

    public byte[] Encode(byte[]? known) => IsNode
        ? _node.AskBytes("encode", new() { ["id"] = Id, ["known"] = known is null ? null : Convert.ToBase64String(known) })
        : Document.EncodeUpdate(known is null ? null : StateVector.Decode(known));

    public string View() => IsNode ? Views.Of(JsonNode.Parse((string)_node.Ask("view", new() { ["id"] = Id, ["roots"] = Views.Roots.DeepClone() })!)) : Views.Of(Document);

    /// <summary>Ours says what theirs says.</summary>
    public void Check()
    {
        if (!IsNode)
            return;
        Assert.Equal(View(), Views.Of(Document));
        Assert.Equal(State(), Document.GetStateVector().Encode());
    }

    private static JsonArray Base64(IEnumerable<byte[]> updates) => new([.. updates.Select(update => (JsonNode)Convert.ToBase64String(update))]);

    private void Apply(byte[] update)
    {
        if (IsNode)
        {
            JsonNode answer = _node.Ask("apply", new() { ["id"] = Id, ["updates"] = Base64([update]) })!;
            Document.ApplyUpdate(update);
            // What yjs tidied is a change of its own.
            foreach (JsonNode? one in (JsonArray)answer["updates"]!)
                Document.ApplyUpdate(Convert.FromBase64String((string)one!));
            Check();
            return;
        }

        Document.ApplyUpdate(update);
        Document.EncodeUpdate();
    }
}
