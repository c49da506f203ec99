using System.Text.Json.Nodes;
using Wire.Yjs;
using Xunit;

namespace Wire.Tests.Yjs;

/// <summary>Updates by themselves, and what documents do with them, beside what npm's yjs does.</summary>
public sealed class UpdateTests(NodeReplicas node) : IClassFixture<NodeReplicas>
{
    [Fact]
    public void What_came_too_early_waits_and_is_handed_on()
    {
        (YDoc source, List<byte[]> updates) = Written("a", "b", "c");
        YDoc late = new();
        UpdateResult early = late.ApplyUpdate(updates[2]);
        Assert.Equal((0, 1, false), (early.Placed, early.Waiting, early.HasChanged));
        Assert.Equal("", late.GetText("text").ToString());

        YDoc third = new();
        third.ApplyUpdate(late.EncodeUpdate());
        Assert.Equal(1, third.Waiting);
        third.ApplyUpdate(updates[0]);
        third.ApplyUpdate(updates[1]);
        Assert.Equal((source.GetText("text").ToString(), 0), (third.GetText("text").ToString(), third.Waiting));
    }

    [Fact]
    public void An_update_that_comes_again_and_again_while_it_waits_takes_no_more_room()
    {
        (_, List<byte[]> updates) = Written("a", "b", "c");
        YDoc late = new();
        for (int again = 0; again < 100; again++)
            late.ApplyUpdate(updates[2]);
        Assert.Equal(1, late.Waiting);
    }

    [Fact]
    public void What_would_wait_beyond_the_limit_is_refused_by_name_and_let_go()
    {
        (_, List<byte[]> updates) = Written([.. Enumerable.Range(0, 20).Select(number => $"{number}")]);
        YDoc late = new(limits: new YjsLimits { MaxPendingStructs = 5 });
        YjsLimitException refused = Assert.Throws<YjsLimitException>(() =>
        {
            // Every second one, so that none joins another.
            for (int place = 3; place < updates.Count; place += 2)
                late.ApplyUpdate(updates[place]);
        });
        Assert.Equal(nameof(YjsLimits.MaxPendingStructs), refused.Limit);
        Assert.Equal(0, late.Waiting);
        late.ApplyUpdate(updates[0]);
        Assert.Equal("0", late.GetText("text").ToString());
    }

    [Fact]
    public void Joined_updates_do_what_each_did_and_cut_ones_what_is_lacked()
    {
        (YDoc source, List<byte[]> updates) = Written("one ", "two ", "three");
        byte[] joined = YUpdates.Merge([updates[2], updates[0]]);
        Assert.Equal(node.AskBytes("merge", new() { ["updates"] = new JsonArray(Convert.ToBase64String(updates[2]), Convert.ToBase64String(updates[0])) }), joined);
        Assert.Equal(node.AskBytes("stateOf", new() { ["update"] = Convert.ToBase64String(updates[0]) }), YUpdates.StateOf(updates[0]).Encode());

        YDoc half = new();
        half.ApplyUpdate(updates[0]);
        byte[] all = YUpdates.Merge([.. updates]);
        byte[] state = half.GetStateVector().Encode();
        byte[] lacked = YUpdates.Diff(all, half.GetStateVector());
        Assert.Equal(node.AskBytes("diff", new() { ["update"] = Convert.ToBase64String(all), ["known"] = Convert.ToBase64String(state) }), lacked);
        half.ApplyUpdate(lacked);
        Assert.Equal(source.GetText("text").ToString(), half.GetText("text").ToString());
    }

    [Fact]
    public void What_it_has_no_words_for_survives()
    {
        node.Ask("make", new() { ["id"] = 900_001, ["client"] = 5 });
        node.Ask("make", new() { ["id"] = 900_002, ["client"] = 6 });
        byte[] update = node.AskBytes("xml", new() { ["id"] = 900_001 });
        YDoc document = new();
        document.ApplyUpdate(update);
        byte[] again = document.EncodeUpdate();
        Assert.Equal(update, again);
        node.Ask("apply", new() { ["id"] = 900_002, ["updates"] = new JsonArray(Convert.ToBase64String(again)) });
        Assert.Equal((string)node.Ask("xmlView", new() { ["id"] = 900_001 })!, (string)node.Ask("xmlView", new() { ["id"] = 900_002 })!);
    }

    [Fact]
    public void A_snapshot_brings_back_what_was()
    {
        YDoc document = new(7, collectsGarbage: false);
        YText text = document.GetText("text");
        text.Insert(0, "what was");
        YSnapshot then = YSnapshot.Decode(document.GetSnapshot().Encode());
        text.Remove(0, 5);
        text.Insert(0, "it is");
        Assert.Equal("what was", then.Restore(document).GetText("text").ToString());
        Assert.Equal("it iswas", document.GetText("text").ToString());

        node.Ask("make", new() { ["id"] = 900_003, ["client"] = 8, ["gc"] = false });
        node.Ask("apply", new() { ["id"] = 900_003, ["updates"] = new JsonArray(Convert.ToBase64String(document.EncodeUpdate())) });
        Assert.Equal(node.AskBytes("snapshot", new() { ["id"] = 900_003 }), document.GetSnapshot().Encode());
        Assert.Throws<InvalidOperationException>(() => then.Restore(new YDoc()));
    }

    [Fact]
    public void Nobody_else_s_number_is_kept()
    {
        YDoc one = new(42), two = new(42);
        one.GetText("text").Insert(0, "mine");
        two.ApplyUpdate(one.EncodeUpdate());
        Assert.NotEqual(42, two.ClientId);
        two.GetText("text").Insert(4, " and yours");
        one.ApplyUpdate(two.EncodeUpdate());
        Assert.Equal("mine and yours", one.GetText("text").ToString());
    }

    [Fact]
    public void Types_deeper_than_the_limit_have_no_place_and_removing_the_deepest_needs_no_stack()
    {
        YDoc deep = new(1, new YjsLimits { MaxTypeDepth = int.MaxValue });
        YArray array = deep.GetArray("list");
        for (int depth = 0; depth < 50_000; depth++)
            array = array.InsertArray(0);
        YDoc shallow = new(2);
        UpdateResult result = shallow.ApplyUpdate(deep.EncodeUpdate());
        Assert.Equal((YjsLimits.Default.MaxTypeDepth, 50_000 - YjsLimits.Default.MaxTypeDepth), (result.Placed, result.Placeless));
        Assert.Equal(deep.GetStateVector().Encode(), shallow.GetStateVector().Encode());
        deep.GetArray("list").RemoveAt(0);
        Assert.Equal(2, deep.StructCount);
    }

    [Fact]
    public void Typing_and_tidying_leave_few_structs()
    {
        YDoc document = new(1);
        YText text = document.GetText("text");
        for (int place = 0; place < 10_000; place++)
            text.Insert(place, "x");
        Assert.InRange(document.StructCount, 1, 40);
        text.Remove(0, 10_000);
        Assert.Equal(1, document.StructCount);
    }

    private static (YDoc Document, List<byte[]> Updates) Written(params string[] words)
    {
        YDoc document = new(11);
        List<byte[]> updates = [];
        document.Changed += transaction => updates.Add(transaction.Update.ToArray());
        foreach (string word in words)
            document.GetText("text").Insert(document.GetText("text").Length, word);
        return (document, updates);
    }
}
