using Hub.Journal.Recording;
using Testing;
using Xunit;

namespace Hub.Tests.Journal.Recording;

/// <summary>The feed of a recorder and the hub's own subscription become one row.</summary>
public sealed class SpliceStateTests
{
    [Fact]
    public void However_the_two_are_interleaved_each_message_comes_once_and_in_order() => Fuzz.Run(2_000, random =>
    {
        int total = random.Next(0, 60);
        int fedFrom = random.Next(total + 1);
        int heardFrom = random.Next(fedFrom, total + 1);
        int heardTo = total, fed = fedFrom, heard = heardFrom;
        SpliceState<string> state = new(id => id);
        List<string> passed = [];
        while (heard < heardTo || (fed < total && !state.IsLive))
        {
            bool own = fed >= total || state.IsLive || (heard < heardTo && random.Next(3) == 0);
            passed.AddRange(own ? state.Heard($"m{heard++}") : state.Fed($"m{fed++}"));
        }

        Assert.Equal(Enumerable.Range(fedFrom, total - fedFrom).Select(i => $"m{i}"), passed);
        Assert.False(state.HasGap);
        if (heardFrom < total)
            Assert.True(state.IsLive);
    });

    [Fact]
    public void A_feed_that_ends_before_the_two_meet_leaves_a_gap_and_nothing_comes_twice()
    {
        SpliceState<string> state = new(id => id);
        Assert.Equal(["a"], state.Fed("a"));
        Assert.Empty(state.Heard("d"));
        Assert.Empty(state.Heard("e"));
        Assert.Equal(["d", "e"], state.FeedEnded());
        Assert.True(state.HasGap);
        Assert.Equal(["f"], state.Heard("f"));
        Assert.Empty(state.Fed("g"));
    }

    [Fact]
    public void Too_much_waiting_for_a_feed_that_does_not_come_is_let_through_with_a_gap()
    {
        SpliceState<string> state = new(id => id, maxWaiting: 3);
        Assert.All(new[] { "a", "b", "c" }, id => Assert.Empty(state.Heard(id)));
        Assert.Equal(["a", "b", "c", "d"], state.Heard("d"));
        Assert.True(state is { IsLive: true, HasGap: true });
    }
}
