using Hub.Kernels.Starting;
using Xunit;

namespace Hub.Tests.Kernels.Starting;

/// <summary>Who starts first.</summary>
public sealed class StartOrderTests
{
    [Fact]
    public void Nobody_waits_behind_another_persons_five_kernels()
    {
        StartOrder order = new(1);
        List<(string User, long Ticket)> all = [];
        foreach (string user in new[] { "ada", "ada", "ada", "ada", "ada", "bob", "eve", "bob" })
            all.Add((user, order.Enter(user)));
        List<string> started = [];
        while (order.Admit() is { } next)
        {
            started.Add(all.Single(one => one.Ticket == next).User);
            order.Leave(next);
        }

        Assert.Equal(["ada", "bob", "eve", "ada", "bob", "ada", "ada", "ada"], started);
    }

    [Fact]
    public void Whoever_comes_later_joins_in_the_round_that_goes_on()
    {
        StartOrder order = new(1);
        long[] adas = [.. Enumerable.Range(0, 4).Select(_ => order.Enter("ada"))];
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(adas[i], order.Admit());
            order.Leave(adas[i]);
        }

        long eve = order.Enter("eve"), again = order.Enter("eve"), late = order.Enter("ada");
        Assert.Equal([eve, adas[2], again, adas[3], late], new[] { adas[2], adas[3], eve, again, late }.OrderBy(order.AheadOf));
        Assert.Equal([0, 1, 2, 3, 4], new[] { eve, adas[2], again, adas[3], late }.Select(order.AheadOf));
    }

    [Fact]
    public void As_many_are_under_way_as_may_be_and_what_somebody_has_under_way_counts()
    {
        StartOrder order = new(2);
        long first = order.Enter("ada");
        order.Enter("ada");
        long third = order.Enter("ada");
        long bob = order.Enter("bob");
        Assert.Equal(first, order.Admit());
        Assert.Equal(bob, order.Admit());
        Assert.Null(order.Admit());
        Assert.Equal((2, 2), (order.UnderWay, order.Waiting));
        Assert.Equal(1, order.AheadOf(third));
        order.Leave(third);
        order.Leave(third);
        order.Leave(first);
        Assert.Equal((1, 1), (order.UnderWay, order.Waiting));
        Assert.NotNull(order.Admit());
        Assert.Null(order.Admit());
    }
}
