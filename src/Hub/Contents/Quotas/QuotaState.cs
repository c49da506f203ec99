using System.Collections.Immutable;

namespace Hub.Contents.Quotas;

/// <summary>
/// Which homes are watched, when each is measured and what is told of it. Pure; <see cref="HomeKeeper"/> does what follows. A home is measured when it is first
/// used, soon after the hub changed it, and now and then while a kernel is at work in it; but never so often that more than a tenth of the time
/// goes into it, and never more homes at once than <see cref="HomesOptions.MeasureAtOnce"/>, longest waiting first.
/// </summary>
internal sealed record QuotaState(HomesOptions Options)
{
    /// <summary>A measurement is followed by a pause of so many times as long as it took.</summary>
    private const int PauseTimes = 9;

    public ImmutableDictionary<string, WatchedHome> Homes { get; init; } = ImmutableDictionary.Create<string, WatchedHome>(StringComparer.Ordinal);

    public (QuotaState State, IReadOnlyList<QuotaEffect> Effects) Apply(QuotaEvent happened) => happened switch
    {
        QuotaEvent.Opened one => (With(one.User, Homes.GetValueOrDefault(one.User) is { } known ? known with { UsedAt = one.At, IsImage = one.IsImage } : new WatchedHome(one.At, one.IsImage)), []),
        QuotaEvent.Changed one => (Homes.TryGetValue(one.User, out WatchedHome? home) ? With(one.User, home with { HasChanged = true }) : this, []),
        QuotaEvent.Measured one => Measured(one),
        QuotaEvent.Looked look => Look(look),
        _ => throw new ArgumentOutOfRangeException(nameof(happened)),
    };

    private (QuotaState State, IReadOnlyList<QuotaEffect> Effects) Measured(QuotaEvent.Measured one)
    {
        if (!Homes.TryGetValue(one.User, out WatchedHome? home))
            return (this, []);
        WatchedHome next = home with { IsMeasuring = false, MeasuredAt = one.At, Took = one.Took };
        if (one.Usage is not { } usage)
            return (With(one.User, next), []);
        UsageLevel level = usage.LevelAfter(home.Level);
        List<QuotaEffect> effects = [];
        if (level != home.Level || usage.Percent != home.Percent || usage.LimitBytes != home.LimitBytes)
            effects.Add(new QuotaEffect.Tell(one.User, usage, level, home.Level));
        // Each time it is found so: a kernel may have started between two measurements.
        if (!home.IsImage && usage.IsBeyond(Options.HardLimitPercent))
            effects.Add(new QuotaEffect.Stop(one.User, usage));
        return (With(one.User, next with { Level = level, Percent = usage.Percent, LimitBytes = usage.LimitBytes }), effects);
    }

    private (QuotaState State, IReadOnlyList<QuotaEffect> Effects) Look(QuotaEvent.Looked look)
    {
        ImmutableDictionary<string, WatchedHome>.Builder homes = Homes.ToBuilder();
        List<QuotaEffect> effects = [];
        foreach ((string user, WatchedHome home) in Homes)
        {
            if (!home.IsMeasuring && !look.AtWork.Contains(user) && look.At - home.UsedAt >= Options.RestAfter)
            {
                homes.Remove(user);
                effects.Add(new QuotaEffect.Rest(user));
            }
        }
        int free = Options.MeasureAtOnce - homes.Count(one => one.Value is { IsMeasuring: true, IsImage: false });
        foreach ((string user, WatchedHome home) in homes.OrderBy(one => one.Value.MeasuredAt ?? TimeSpan.MinValue).ToList())
        {
            if (!IsDue(home, look.At, look.AtWork.Contains(user)) || (!home.IsImage && free-- <= 0))
                continue;
            homes[user] = home with { IsMeasuring = true, HasChanged = false };
            effects.Add(new QuotaEffect.Measure(user));
        }
        return (this with { Homes = homes.ToImmutable() }, effects);
    }

    private bool IsDue(WatchedHome home, TimeSpan now, bool atWork)
    {
        if (home.IsMeasuring)
            return false;
        if (home.MeasuredAt is not { } last)
            return true;
        TimeSpan pause = now - last;
        if (home.IsImage)
            return atWork || home.HasChanged;
        return (home.HasChanged && pause >= home.Took * PauseTimes)
            || (atWork && pause >= (Options.MeasureEvery > home.Took * PauseTimes ? Options.MeasureEvery : home.Took * PauseTimes));
    }

    private QuotaState With(string user, WatchedHome home) => this with { Homes = Homes.SetItem(user, home) };
}
