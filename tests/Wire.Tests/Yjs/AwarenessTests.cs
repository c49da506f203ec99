using System.Text.Json.Nodes;
using Testing;
using Wire.Yjs;
using Xunit;

namespace Wire.Tests.Yjs;

public sealed class AwarenessTests(NodeReplicas node) : IClassFixture<NodeReplicas>
{
    private const long Client = 77;

    private readonly ManualTime _time = new();

    [Fact]
    public void What_a_client_says_is_kept_as_it_said_it_and_told_to_others()
    {
        Awareness awareness = new(_time);
        byte[] update = Said(new JsonObject { ["user"] = new JsonObject { ["name"] = "Zoë" } });
        Assert.Equal([Client], awareness.Apply(update).Added);
        Assert.Equal("""{"user":{"name":"Zoë"}}""", awareness.StateOf(Client));
        Assert.Equal(update, awareness.Encode([Client]));
    }

    [Fact]
    public void An_older_word_changes_nothing_and_a_newer_one_does()
    {
        Awareness awareness = new(_time);
        byte[] old = Said(new JsonObject { ["a"] = 1 }), newer = Said(new JsonObject { ["a"] = 1 }, new JsonObject { ["a"] = 2 });
        awareness.Apply(newer);
        Assert.True(awareness.Apply(old).IsEmpty);
        Assert.Equal("""{"a":2}""", awareness.StateOf(Client));
        Assert.Equal([Client], awareness.Apply(Said(new JsonObject(), new JsonObject(), null)).Removed);
        Assert.Empty(awareness.Clients);
    }

    [Fact]
    public void Who_is_silent_for_half_a_minute_is_gone_and_comes_again_with_the_next_word()
    {
        Awareness awareness = new(_time);
        awareness.Apply(Said(new JsonObject { ["a"] = 1 }));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(awareness.RemoveOutdated().IsEmpty);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([Client], awareness.RemoveOutdated().Removed);
        Assert.Equal([Client], awareness.Apply(Said(new JsonObject { ["a"] = 1 }, new JsonObject { ["a"] = 1 })).Updated);
    }

    [Fact]
    public void States_and_clients_beyond_the_limits_are_refused_by_name()
    {
        Awareness awareness = new(_time, new YjsLimits { MaxAwarenessBytes = 20, MaxAwarenessClients = 1 });
        Assert.Equal(nameof(YjsLimits.MaxAwarenessBytes), Assert.Throws<YjsLimitException>(() => awareness.Apply(Said(new JsonObject { ["a"] = new string('x', 30) }))).Limit);
        awareness.Apply(Said(new JsonObject()));
        Assert.Equal(nameof(YjsLimits.MaxAwarenessClients), Assert.Throws<YjsLimitException>(() => awareness.Apply([1, 5, 1, 2, (byte)'{', (byte)'}'])).Limit);
        Assert.Throws<YjsFormatException>(() => awareness.Apply([1, 5, 1, 2, (byte)'{', (byte)'{']));
        Assert.Equal([Client], awareness.Clients);
    }

    [Fact]
    public void Messages_are_those_of_y_protocols()
    {
        YMessage state = YMessage.Decode(YMessage.EncodeState(StateVector.Decode([1, 5, 7])));
        Assert.Equal((YMessageKind.SyncState, "01-05-07"), (state.Kind, BitConverter.ToString(state.Payload.ToArray())));
        Assert.Equal([0, 2, 2, 0, 0], YMessage.EncodeUpdate([0, 0]));
        Assert.Equal(YMessageKind.Refusal, YMessage.Decode(YMessage.EncodeRefusal("read only")).Kind);
        Assert.Equal(YMessageKind.AwarenessQuery, YMessage.Decode(new byte[] { 3 }).Kind);
        Assert.Equal((YMessageKind.Other, 9), (YMessage.Decode(new byte[] { 9, 1 }).Kind, YMessage.Decode(new byte[] { 9, 1 }).Number));
        Assert.Throws<YjsFormatException>(() => YMessage.Decode(new byte[] { 0, 5, 0 }));
        Assert.Throws<YjsFormatException>(() => YMessage.Decode(new byte[] { 0, 0, 1, 0, 9 }));
    }

    /// <summary>As npm's y-protocols encodes it after a client said all of this.</summary>
    private byte[] Said(params JsonNode?[] states) => node.AskBytes("awareness", new() { ["states"] = new JsonArray(states) });
}
