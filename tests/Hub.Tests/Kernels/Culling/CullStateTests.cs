using Hub.Kernels.Culling;
using Hub.KernelSpecs;
using Xunit;

namespace Hub.Tests.Kernels.Culling;

/// <summary>When a kernel is stopped, and what is told before.</summary>
public sealed class CullStateTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CullingRules s_rules = new(TimeSpan.FromHours(1), null, TimeSpan.FromMinutes(5));

    [Fact]
    public void One_that_nobody_uses_is_told_of_five_minutes_before_and_then_stopped()
    {
        (CullState state, IReadOnlyList<CullEffect> effects) = CullState.Quiet.Look(Seen(0, unused: 54), s_rules);
        Assert.Empty(effects);
        (state, effects) = state.Look(Seen(1, unused: 55), s_rules);
        Assert.Equal(new CullEffect.Warn(CullCause.Idle, s_noon.AddMinutes(6)), Assert.Single(effects));
        (state, effects) = state.Look(Seen(5, unused: 59), s_rules);
        Assert.Empty(effects);
        (state, effects) = state.Look(Seen(6, unused: 60), s_rules);
        Assert.Equal(new CullEffect.End(CullCause.Idle), Assert.Single(effects));
        Assert.Null(state.Told);
    }

    [Fact]
    public void One_at_work_is_not_stopped_however_long_it_says_nothing()
    {
        (CullState state, IReadOnlyList<CullEffect> effects) = CullState.Quiet.Look(Seen(0, unused: 10_000, busy: true), s_rules);
        Assert.Empty(effects);
        Assert.Null(state.Told);
    }

    [Fact]
    public void Whoever_does_something_after_the_warning_saves_it_and_pages_are_told()
    {
        (CullState state, _) = CullState.Quiet.Look(Seen(0, unused: 58), s_rules);
        (CullState used, IReadOnlyList<CullEffect> effects) = state.Look(Seen(1, unused: 0), s_rules);
        Assert.Equal(new CullEffect.Withdraw(CullCause.Idle), Assert.Single(effects));
        Assert.Same(CullState.Quiet, used);
        (_, effects) = state.Look(Seen(1, unused: 59, busy: true), s_rules);
        Assert.Equal(new CullEffect.Withdraw(CullCause.Idle), Assert.Single(effects));
    }

    [Fact]
    public void One_that_somebody_wants_kept_is_kept_for_that_time_and_told_of_again()
    {
        (CullState state, _) = CullState.Quiet.Look(Seen(0, unused: 58), s_rules);
        (state, IReadOnlyList<CullEffect> effects) = state.Look(Seen(1, unused: 59, kept: 60), s_rules);
        Assert.IsType<CullEffect.Withdraw>(Assert.Single(effects));
        (state, effects) = state.Look(Seen(50, unused: 108, kept: 11), s_rules);
        Assert.Empty(effects);
        (state, effects) = state.Look(Seen(56, unused: 114, kept: 5), s_rules);
        Assert.Equal(new CullEffect.Warn(CullCause.Idle, s_noon.AddMinutes(61)), Assert.Single(effects));
        (_, effects) = state.Look(Seen(61, unused: 119, kept: 0), s_rules);
        Assert.IsType<CullEffect.End>(Assert.Single(effects));
    }

    [Fact]
    public void One_that_is_found_long_after_its_time_is_told_of_for_five_minutes_all_the_same()
    {
        (CullState state, IReadOnlyList<CullEffect> effects) = CullState.Quiet.Look(Seen(0, unused: 5_000), s_rules);
        Assert.Equal(new CullEffect.Warn(CullCause.Idle, s_noon.AddMinutes(5)), Assert.Single(effects));
        (state, effects) = state.Look(Seen(4.9, unused: 5_004.9), s_rules);
        Assert.Empty(effects);
        (_, effects) = state.Look(Seen(5, unused: 5_005), s_rules);
        Assert.IsType<CullEffect.End>(Assert.Single(effects));
    }

    [Fact]
    public void The_longest_run_counts_for_one_at_work_too_and_cannot_be_put_off()
    {
        CullingRules rules = s_rules with { LongestRun = TimeSpan.FromHours(2) };
        (CullState state, IReadOnlyList<CullEffect> effects) = CullState.Quiet.Look(Seen(0, ran: 115, busy: true), rules);
        Assert.Equal(new CullEffect.Warn(CullCause.LongestRun, s_noon.AddMinutes(5)), Assert.Single(effects));
        (state, effects) = state.Look(Seen(2, ran: 117, busy: true, kept: 60), rules);
        Assert.Empty(effects);
        (_, effects) = state.Look(Seen(5, ran: 120, busy: true, kept: 57), rules);
        Assert.Equal(new CullEffect.End(CullCause.LongestRun), Assert.Single(effects));
    }

    [Fact]
    public void The_cause_that_comes_first_is_told_and_a_change_of_cause_is_told_anew()
    {
        CullingRules rules = s_rules with { LongestRun = TimeSpan.FromHours(2) };
        (CullState state, IReadOnlyList<CullEffect> effects) = CullState.Quiet.Look(Seen(0, unused: 58, ran: 116), rules);
        Assert.Equal(CullCause.Idle, Assert.IsType<CullEffect.Warn>(Assert.Single(effects)).Cause);
        (_, effects) = state.Look(Seen(1, unused: 0, ran: 117), rules);
        Assert.Equal(new CullEffect.Warn(CullCause.LongestRun, s_noon.AddMinutes(6)), Assert.Single(effects));
    }

    [Fact]
    public void Without_limits_nothing_is_ever_stopped() =>
        Assert.Empty(CullState.Quiet.Look(Seen(0, unused: 1e6, ran: 1e6), new CullingRules(null, null, TimeSpan.FromMinutes(5))).Effects);

    [Fact]
    public void The_class_counts_before_the_environment_and_that_before_the_hub_and_zero_is_never()
    {
        CullingOptions options = new() { IdleAfter = TimeSpan.FromHours(3), LongestRun = TimeSpan.FromDays(1) };
        KernelSpec spec = new() { Name = "x", DisplayName = "x", Language = "python", Argv = [], IdleAfter = TimeSpan.FromHours(2), LongestRun = TimeSpan.Zero };
        Assert.Equal((TimeSpan.FromHours(3), TimeSpan.FromDays(1)), Limits(CullingRules.For(options, null, null)));
        Assert.Equal((TimeSpan.FromHours(2), null), Limits(CullingRules.For(options, spec, null)));
        Assert.Equal((TimeSpan.FromHours(9), null), Limits(CullingRules.For(options, spec, TimeSpan.FromHours(9))));
        Assert.Equal((null, TimeSpan.FromDays(1)), Limits(CullingRules.For(options, spec with { IdleAfter = TimeSpan.Zero, LongestRun = null }, null)));

        Assert.Equal(TimeSpan.FromMinutes(5), CullingRules.For(options, spec, null).WarnBefore);
        Assert.Equal(TimeSpan.FromMinutes(1), CullingRules.For(options, spec, TimeSpan.FromMinutes(2)).WarnBefore);

        static (TimeSpan?, TimeSpan?) Limits(CullingRules rules) => (rules.IdleAfter, rules.LongestRun);
    }

    /// <summary>Whatever happens, in whatever order and pace: who is stopped was told of it for the whole time before, with the cause, and was not at work.</summary>
    [Fact]
    public void Nobody_is_stopped_untold_and_nobody_at_work()
    {
        int ended = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            Random random = new(seed);
            CullState state = CullState.Quiet;
            (CullCause Cause, double At)? told = null;
            double now = 0, used = 0, began = 0, kept = -1_000;
            bool busy = false;
            CullingRules rules = s_rules;
            for (int i = 0; i < 400; i++)
            {
                now += random.NextDouble() * (random.Next(20) == 0 ? 600 : 3);
                switch (random.Next(12))
                {
                    case 0: (busy, used) = (!busy, now); break;
                    case 1: kept = now; break;
                    case 2 when random.Next(4) == 0: used = now; break;
                    case 3 when random.Next(10) == 0: rules = new CullingRules(random.Next(3) == 0 ? null : TimeSpan.FromMinutes(random.Next(1, 300)), random.Next(3) == 0 ? TimeSpan.FromMinutes(random.Next(1, 900)) : null, s_rules.WarnBefore); break;
                }

                (state, IReadOnlyList<CullEffect> effects) = state.Look(Seen(now, now - used, busy, 60 - (now - kept), now - began), rules);
                foreach (CullEffect effect in effects)
                {
                    switch (effect)
                    {
                        case CullEffect.Warn warn:
                            told = told is { } before && before.Cause == warn.Cause ? before : (warn.Cause, now);
                            Assert.True(warn.At >= s_noon.AddMinutes(now));
                            break;
                        case CullEffect.Withdraw:
                            Assert.NotNull(told);
                            told = null;
                            break;
                        case CullEffect.End end:
                            Assert.Equal(end.Cause, told!.Value.Cause);
                            Assert.True(now - told.Value.At >= 5 - 1e-6);
                            Assert.True(end.Cause == CullCause.LongestRun || !busy);
                            (told, began, used, busy) = (null, now, now, false);
                            ended++;
                            break;
                    }
                }
            }
        }

        Assert.True(ended > 300, $"{ended}");
    }

    /// <param name="at">Minutes since noon.</param>
    private static KernelUse Seen(double at, double unused = 0, bool busy = false, double kept = 0, double ran = 0) =>
        new(s_noon.AddMinutes(at), TimeSpan.FromMinutes(at), busy, TimeSpan.FromMinutes(unused), TimeSpan.FromMinutes(ran), TimeSpan.FromMinutes(kept));
}
