using Hub.Contents.Quotas;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

public sealed class QuotaStateTests
{
    private static readonly HomesOptions s_options = new() { QuotaBytes = 1000, MeasureEvery = TimeSpan.FromSeconds(30), MeasureAtOnce = 2, RestAfter = TimeSpan.FromHours(1) };

    private QuotaState _state = new(s_options);

    [Fact]
    public void A_home_is_measured_when_it_is_first_opened_and_not_again_for_nothing()
    {
        Opened("ada", 0);
        Assert.Equal([new QuotaEffect.Measure("ada")], Look(0));
        Assert.Empty(Look(1));
        Measured("ada", 2, 100);
        Assert.Empty(Look(3));
        Assert.Empty(Look(600));
    }

    [Fact]
    public void While_a_kernel_is_at_work_it_is_measured_at_intervals()
    {
        Opened("ada", 0);
        Look(0, "ada");
        Measured("ada", 1, 100);
        Assert.Empty(Look(30, "ada"));
        Assert.Equal([new QuotaEffect.Measure("ada")], Look(31, "ada"));
    }

    [Fact]
    public void What_the_hub_changed_is_measured_at_once_but_never_more_than_a_tenth_of_the_time()
    {
        Opened("ada", 0);
        Look(0);
        Apply(new QuotaEvent.Measured("ada", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), new HomeUsage(1, 1000)));
        Apply(new QuotaEvent.Changed("ada"));
        Assert.Empty(Look(99));
        Assert.Equal([new QuotaEffect.Measure("ada")], Look(100));
        Measured("ada", 101, 1);
        Assert.Empty(Look(300));
    }

    [Fact]
    public void What_changed_during_a_measurement_is_measured_after_it()
    {
        Opened("ada", 0);
        Look(0);
        Apply(new QuotaEvent.Changed("ada"));
        Measured("ada", 1, 1);
        Assert.Equal([new QuotaEffect.Measure("ada")], Look(2));
    }

    [Fact]
    public void Two_slow_homes_hold_up_no_more_than_their_places()
    {
        foreach (string user in new[] { "a", "b", "c" })
            Opened(user, 0);
        Assert.Equal(2, Look(0).Count);
        Assert.Empty(Look(1));
        string first = _state.Homes.First(one => one.Value.IsMeasuring).Key;
        Measured(first, 5, 1);
        QuotaEffect next = Assert.Single(Look(5));
        Assert.False(_state.Homes.Values.Any(home => !home.IsMeasuring && home.MeasuredAt is null), "the third one waited longest");
        Assert.NotEqual(first, next.User);
    }

    [Fact]
    public void An_image_is_asked_at_each_look_without_a_place()
    {
        Opened("a", 0);
        Opened("b", 0);
        Look(0);
        Apply(new QuotaEvent.Opened("image", TimeSpan.Zero, IsImage: true));
        Assert.Equal([new QuotaEffect.Measure("image")], Look(1, "image"));
        Measured("image", 1, 1);
        Assert.Equal([new QuotaEffect.Measure("image")], Look(2, "image"));
        Measured("image", 2, 1);
        Assert.Empty(Look(3));
    }

    [Fact]
    public void Pages_are_told_when_a_percent_changes_and_when_a_level_does()
    {
        Opened("ada", 0);
        Assert.Equal(UsageLevel.Fine, Assert.Single(Told(790)).Level);
        Assert.Empty(Told(795));
        QuotaEffect.Tell high = Assert.Single(Told(800));
        Assert.Equal((UsageLevel.High, UsageLevel.Fine), (high.Level, high.Before));
        Assert.Equal(UsageLevel.Nearly, Assert.Single(Told(950)).Level);
        Assert.Equal(UsageLevel.Full, Assert.Single(Told(1000)).Level);
        Assert.Equal(UsageLevel.Full, Assert.Single(Told(970)).Level);
        Assert.Equal(UsageLevel.Fine, Assert.Single(Told(10)).Level);
    }

    [Fact]
    public void A_failed_measurement_says_nothing_and_is_tried_again_later()
    {
        Opened("ada", 0);
        Look(0, "ada");
        Assert.Empty(Apply(new QuotaEvent.Measured("ada", TimeSpan.FromSeconds(1), TimeSpan.Zero, null)));
        Assert.Empty(Look(2, "ada"));
        Assert.Equal([new QuotaEffect.Measure("ada")], Look(31, "ada"));
    }

    [Fact]
    public void A_home_nobody_uses_rests_and_one_with_a_kernel_does_not()
    {
        foreach (string user in new[] { "ada", "bob" })
            Opened(user, 0);
        Look(0);
        Measured("ada", 1, 1);
        Measured("bob", 1, 1);
        Assert.Contains(new QuotaEffect.Rest("ada"), Look(3600, "bob"));
        Assert.Equal(["bob"], _state.Homes.Keys);
        Opened("ada", 3601);
        Assert.Contains(new QuotaEffect.Measure("ada"), Look(3601, "bob"));
    }

    [Fact]
    public void Kernels_of_a_home_far_beyond_its_quota_are_to_be_stopped_each_time_it_is_found_so_and_never_those_of_an_image()
    {
        Opened("ada", 0);
        Apply(new QuotaEvent.Opened("img", TimeSpan.Zero, IsImage: true));
        Assert.DoesNotContain(Measured("ada", 1, 2000), effect => effect is QuotaEffect.Stop);
        for (int at = 2; at < 4; at++)
            Assert.Contains(new QuotaEffect.Stop("ada", new HomeUsage(2001, 1000)), Measured("ada", at, 2001));
        Assert.DoesNotContain(Measured("ada", 5, 2000), effect => effect is QuotaEffect.Stop);
        Assert.DoesNotContain(Measured("img", 5, 5000), effect => effect is QuotaEffect.Stop);
        _state = new QuotaState(s_options with { HardLimitPercent = 0 });
        Opened("ada", 0);
        Assert.DoesNotContain(Measured("ada", 1, long.MaxValue / 2), effect => effect is QuotaEffect.Stop);
    }

    [Fact]
    public void A_new_limit_is_told_though_the_percentage_is_as_it_was()
    {
        Opened("ada", 0);
        Assert.Single(Measured("ada", 1, 1));
        Assert.Empty(Measured("ada", 2, 1));
        Assert.Single(Apply(new QuotaEvent.Measured("ada", TimeSpan.FromSeconds(3), TimeSpan.Zero, new HomeUsage(1, 2000))));
    }

    private void Opened(string user, int at) => Apply(new QuotaEvent.Opened(user, TimeSpan.FromSeconds(at), IsImage: false));

    private IReadOnlyList<QuotaEffect> Measured(string user, int at, long used) =>
        Apply(new QuotaEvent.Measured(user, TimeSpan.FromSeconds(at), TimeSpan.FromMilliseconds(1), new HomeUsage(used, 1000)));

    private List<QuotaEffect.Tell> Told(long used) => [.. Measured("ada", 0, used).Cast<QuotaEffect.Tell>()];

    private IReadOnlyList<QuotaEffect> Look(int at, params string[] atWork) => Apply(new QuotaEvent.Looked(TimeSpan.FromSeconds(at), atWork.ToHashSet()));

    private IReadOnlyList<QuotaEffect> Apply(QuotaEvent happened)
    {
        (_state, IReadOnlyList<QuotaEffect> effects) = _state.Apply(happened);
        return effects;
    }
}
