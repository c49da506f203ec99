using Hub.Kernels;
using Xunit;

namespace Hub.Tests.Kernels;

public sealed class HandedPlacesTests
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(16);

    [Fact]
    public void What_was_handed_over_longer_ago_than_a_round_of_pings_has_arrived()
    {
        HandedPlaces handed = new(s_window, 5);
        Assert.Equal(5, handed.SureAt(At(100)));
        handed.Add(At(100), 7);
        handed.Add(At(100.5), 8);
        handed.Add(At(110), 9);
        Assert.Equal(5, handed.SureAt(At(116)));
        // 8 came too soon after 7 to be noted: it counts as arrived with 9.
        Assert.Equal(7, handed.SureAt(At(120)));
        Assert.Equal(9, handed.SureAt(At(127)));
    }

    [Fact]
    public void However_much_is_said_little_is_remembered_and_never_too_much_taken_for_arrived()
    {
        HandedPlaces handed = new(s_window, 0);
        for (int i = 0; i < 10_000; i++)
        {
            handed.Add(At(i / 100.0), i);
            Assert.InRange(handed.SureAt(At(i / 100.0)), Math.Max(0, i - 1_600 - 101), Math.Max(0, i - 1_600));
        }
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
