using System.Diagnostics.Metrics;
using Hub.Events;
using Hub.Telemetry;
using Microsoft.Extensions.Options;

namespace Hub.Contents.Quotas;

/// <summary>
/// Looks after the homes that are in use: measures them when <see cref="QuotaState"/> says so, tells their pages, stops the kernels of those that hold far too much, makes
/// images larger whose quota was raised, and lets those rest that nobody uses. A measurement goes in slices through the turns of its own user, and no faster than the
/// options say.
/// </summary>
internal sealed partial class HomeKeeper(
    HomeQuotas quotas, HomeImages images, ContentThreads threads, IEnumerable<IHomesInUse> inUse, EventStream events, HubMetrics metrics, IOptions<HomesOptions> options, TimeProvider time, ILogger<HomeKeeper> logger)
    : BackgroundService
{
    /// <summary>Why kernels were stopped, as the audit keeps it.</summary>
    public const string StoppedCause = "home_full";

    private const int SliceEntries = 500;

    private readonly long _began = time.GetTimestamp();
    private readonly Dictionary<string, (long Opened, long Changes)> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<QuotaEvent.Measured>> _measuring = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _stopping = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Bytes, Task Done)> _growing = new(StringComparer.Ordinal);
    private QuotaState _state = new(options.Value);
    private long _asked;
    private long[] _levels = new long[Enum.GetValues<UsageLevel>().Length];

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before anybody is let in: who may have more is not to be told of the smaller quota first.
        await AskAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Quota is null)
            return;
        metrics.Meter.CreateObservableGauge("hub.homes.watched", Levels, description: "Homes with a quota that are in use, by how near they are to it.");
        using PeriodicTimer timer = new(options.Value.LookEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                LogBroken(broken);
            }
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        _asked = time.GetTimestamp();
        await quotas.RefreshAsync(cancellationToken);
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_asked) >= options.Value.QuotasEvery)
            await AskAsync(cancellationToken);
        foreach (HomeEntry entry in quotas.All)
        {
            string user = entry.Home.UserName;
            if (entry.IsImage)
                GrowSoon(entry, cancellationToken);
            (long opened, long changes) = (entry.OpenedAt, entry.Allowance.Changes);
            (long Opened, long Changes) before = _seen.GetValueOrDefault(user, (-1, 0));
            if (opened != before.Opened)
                await ApplyAsync(new QuotaEvent.Opened(user, time.GetElapsedTime(_began, opened), entry.IsImage), cancellationToken);
            if (changes != before.Changes)
                await ApplyAsync(new QuotaEvent.Changed(user), cancellationToken);
            _seen[user] = (opened, changes);
        }
        foreach ((string user, Task<QuotaEvent.Measured> over) in _measuring.Where(one => one.Value.IsCompleted).ToList())
        {
            _measuring.Remove(user);
            await ApplyAsync(await over, cancellationToken);
        }
        HashSet<string> atWork = new(inUse.SelectMany(one => one.Users()), StringComparer.Ordinal);
        await ApplyAsync(new QuotaEvent.Looked(time.GetElapsedTime(_began), atWork), cancellationToken);
        _levels = [.. Enum.GetValues<UsageLevel>().Select(level => _state.Homes.Values.LongCount(home => home.Level == level))];
    }

    private async Task ApplyAsync(QuotaEvent happened, CancellationToken cancellationToken)
    {
        (_state, IReadOnlyList<QuotaEffect> effects) = _state.Apply(happened);
        foreach (QuotaEffect effect in effects)
        {
            switch (effect)
            {
                case QuotaEffect.Tell tell:
                    if (tell.Level != tell.Before)
                        LogHolds(tell.User, UsageText.Size(tell.Usage.UsedBytes), UsageText.Size(tell.Usage.LimitBytes));
                    await events.PublishAsync(new HubEvent.HomeUsage(time.GetUtcNow(), tell.User, tell.Usage.UsedBytes, tell.Usage.LimitBytes, HomeUsage.NameOf(tell.Level), HomeUsage.NameOf(tell.Before)));
                    break;
                case QuotaEffect.Stop stop:
                    StopSoon(stop.User, stop.Usage);
                    break;
                case QuotaEffect.Rest rest:
                    Rest(rest.User);
                    break;
                case QuotaEffect.Measure measure when quotas.FindEntry(measure.User) is { IsImage: true } image:
                    await ApplyAsync(Ask(image), cancellationToken);
                    break;
                case QuotaEffect.Measure measure:
                    _measuring[measure.User] = MeasureAsync(measure.User, quotas.FindEntry(measure.User), cancellationToken);
                    break;
            }
        }
    }

    /// <summary>Once for each quota a home is seen with, and beside the looks: a disk may be slow.</summary>
    private void GrowSoon(HomeEntry entry, CancellationToken cancellationToken)
    {
        (string user, long bytes) = (entry.Home.UserName, entry.Allowance.LimitBytes);
        if (!_growing.TryGetValue(user, out (long Bytes, Task Done) last) || (last.Bytes != bytes && last.Done.IsCompleted))
            _growing[user] = (bytes, GrowAsync(entry, bytes, cancellationToken));
    }

    private async Task GrowAsync(HomeEntry entry, long bytes, CancellationToken cancellationToken)
    {
        try
        {
            await threads.RunAsync(entry.Home.UserName, () => { images.Grow(entry.Home.Path, bytes); return true; }, cancellationToken);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            LogNotGrown(broken, entry.Home.UserName);
        }
    }

    /// <summary>Beside the looks: a kernel may take its whole grace.</summary>
    private void StopSoon(string user, HomeUsage usage)
    {
        if (_stopping.TryGetValue(user, out Task? before) && !before.IsCompleted)
            return;
        string message = UsageText.Stopped(usage, options.Value.HardLimitPercent);
        _stopping[user] = Task.WhenAll(inUse.Select(one => one.StopAsync(user, StoppedCause, message)));
    }

    private void Rest(string user)
    {
        if (quotas.FindEntry(user) is not { } entry || time.GetElapsedTime(entry.OpenedAt) < options.Value.RestAfter)
            return; // opened in this moment
        quotas.Forget(user);
        _seen.Remove(user);
        _growing.Remove(user);
        _stopping.Remove(user);
        if (entry.IsImage)
            images.Rest(entry.Home.Path);
    }

    private QuotaEvent.Measured Ask(HomeEntry image)
    {
        TimeSpan now = time.GetElapsedTime(_began);
        try
        {
            image.Allowance.Know(image.AskSystem());
            return new QuotaEvent.Measured(image.Home.UserName, now, TimeSpan.Zero, image.Allowance.Usage);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return new QuotaEvent.Measured(image.Home.UserName, now, TimeSpan.Zero, null);
        }
    }

    private async Task<QuotaEvent.Measured> MeasureAsync(string user, HomeEntry? entry, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        HomeUsage? usage = null;
        try
        {
            if (entry is not null && await WalkAsync(entry, began, cancellationToken) is { } bytes)
            {
                entry.Allowance.End(bytes);
                usage = entry.Allowance.Usage;
            }
        }
        catch (Exception failure) when (failure is ContentException or OperationCanceledException)
        {
            // Too much of this user's waits for a thread, or the hub ends: the next look comes.
        }
        catch (Exception broken)
        {
            LogNotMeasured(broken, user);
        }
        return new QuotaEvent.Measured(user, time.GetElapsedTime(_began), time.GetElapsedTime(began), usage);
    }

    private async Task<long?> WalkAsync(HomeEntry entry, long began, CancellationToken cancellationToken)
    {
        string user = entry.Home.UserName;
        entry.Allowance.Begin();
        using HomeWalk? walk = await threads.RunAsync(user, () => HomeWalk.TryOpen(entry.Home.Path), cancellationToken);
        if (walk is null)
            return null;
        double perSecond = (double)options.Value.MeasureFilesPerSecond / options.Value.MeasureAtOnce;
        while (await threads.RunAsync(user, () => walk.Step(SliceEntries), cancellationToken))
        {
            TimeSpan ahead = TimeSpan.FromSeconds(walk.Entries / perSecond) - time.GetElapsedTime(began);
            if (ahead > TimeSpan.Zero)
                await Task.Delay(ahead, time, cancellationToken);
        }
        return walk.Bytes;
    }

    private IEnumerable<Measurement<long>> Levels() =>
        Enum.GetValues<UsageLevel>().Select(level => new Measurement<long>(_levels[(int)level], new KeyValuePair<string, object?>("level", HomeUsage.NameOf(level))));

    [LoggerMessage(909, LogLevel.Information, "The home of {User} holds {Used} of {Limit}")]
    private partial void LogHolds(string user, string used, string limit);

    [LoggerMessage(910, LogLevel.Warning, "The home of {User} could not be measured")]
    private partial void LogNotMeasured(Exception broken, string user);

    [LoggerMessage(914, LogLevel.Warning, "The image of the home of {User} could not be looked at")]
    private partial void LogNotGrown(Exception broken, string user);

    [LoggerMessage(911, LogLevel.Error, "A look after the homes failed; the next one comes")]
    private partial void LogBroken(Exception broken);
}
