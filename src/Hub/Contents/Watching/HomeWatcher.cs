using Hub.Contents.FileSystem;
using Hub.Events;
using Hub.Telemetry;
using Microsoft.Extensions.Options;

namespace Hub.Contents.Watching;

/// <summary>
/// Tells open pages what changes in the directories they show, whoever changes it. A directory is watched once it was listed or a file of it read, for
/// <see cref="ContentsOptions.WatchFor"/> from the last time: pages list what they show again and again. What happens within
/// <see cref="ContentsOptions.WatchEvery"/> is told at once. Changes on a network volume made by another machine are not seen; pages poll as they always did.
/// </summary>
internal sealed partial class HomeWatcher(EventStream events, HubMetrics metrics, IOptions<ContentsOptions> options, TimeProvider time, ILogger<HomeWatcher> logger)
    : BackgroundService
{
    private const int MostNamesTold = 20;

    /// <summary>Changes read in one go; the operating system keeps 16,384 by default and says when it dropped some.</summary>
    private const int MostChanges = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Watch> _watches = [];
    private readonly Dictionary<(string User, string Path), int> _ids = [];
    private readonly Dictionary<string, int> _perUser = new(StringComparer.Ordinal);
    private Inotify? _inotify;
    private bool _refused;

    /// <summary>Watches now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _watches.Count;
        }
    }

    /// <summary>Somebody looks at a directory. Synchronous; on a thread for files.</summary>
    public void Look(string user, OpenedDirectory directory)
    {
        ContentPath path = directory.Path;
        lock (_gate)
        {
            if (_inotify is null)
                return;
            if (_ids.TryGetValue((user, path.Text), out int known))
            {
                _watches[known].LookedAt = time.GetTimestamp();
                return;
            }
            MakeRoom(user);
            if (_watches.Count >= options.Value.MaxWatches)
                return;
            if (_inotify.TryWatch(directory) is not { } id)
            {
                if (!_refused)
                    LogRefused(_watches.Count);
                _refused = true;
                return;
            }
            // The same directory under another name: the last name counts.
            if (_watches.ContainsKey(id))
                Remove(id);
            _watches[id] = new Watch(user, path) { LookedAt = time.GetTimestamp() };
            _ids[(user, path.Text)] = id;
            _perUser[user] = _perUser.GetValueOrDefault(user) + 1;
        }
    }

    /// <summary>The user's home is theirs no more, or has another name: nothing of it is told to whoever is called so next.</summary>
    public void Forget(string user)
    {
        lock (_gate)
        {
            foreach (int id in _watches.Where(one => one.Value.User == user).Select(one => one.Key).ToList())
                Forget(id);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.MaxWatches == 0)
            return;
        metrics.Meter.CreateObservableGauge("hub.contents.watches", () => Count, description: "Directories watched for open pages.");
        using Inotify? inotify = Inotify.TryOpen();
        if (inotify is null)
        {
            LogUnavailable();
            return;
        }
        lock (_gate)
            _inotify = inotify;
        try
        {
            using PeriodicTimer timer = new(options.Value.WatchEvery, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Tell();
        }
        finally
        {
            lock (_gate)
                _inotify = null;
        }
    }

    private void Tell()
    {
        foreach ((string user, ContentNews news) in Take())
            events.Publish(new HubEvent.ContentsChanged(time.GetUtcNow(), user, news.Action, news.Path, news.From));
    }

    private List<(string User, ContentNews News)> Take()
    {
        lock (_gate)
        {
            if (_watches.Count == 0)
                return [];
            List<DirectoryChange> changes = [];
            _inotify!.Read(changes, MostChanges);
            Dictionary<int, ContentNewsPlan> plans = [];
            foreach (DirectoryChange change in changes)
                Note(change, plans);
            List<(string, ContentNews)> told = [.. plans.SelectMany(plan => plan.Value.News().Select(news => (_watches[plan.Key].User, news)))];
            foreach (DirectoryChange over in changes.Where(change => (change.What & (Inotify.SelfMoved | Inotify.SelfDeleted | Inotify.Unmounted | Inotify.Ended)) != 0))
                Forget(over.Id);
            foreach (int idle in _watches.Where(one => time.GetElapsedTime(one.Value.LookedAt) > options.Value.WatchFor).Select(one => one.Key).ToList())
                Forget(idle);
            return told;
        }
    }

    private void Note(DirectoryChange change, Dictionary<int, ContentNewsPlan> plans)
    {
        if ((change.What & Inotify.Overflow) != 0)
        {
            LogOverflow(_watches.Count);
            foreach (int id in _watches.Keys)
                PlanOf(id, plans).AddAll();
        }
        else if (_watches.ContainsKey(change.Id))
        {
            PlanOf(change.Id, plans).Add(change);
        }
    }

    private ContentNewsPlan PlanOf(int id, Dictionary<int, ContentNewsPlan> plans)
    {
        if (!plans.TryGetValue(id, out ContentNewsPlan? plan))
            plans[id] = plan = new ContentNewsPlan(_watches[id].Path, MostNamesTold, name => ContentNames.IsListed(name, options.Value));
        return plan;
    }

    /// <summary>Of somebody who has all they may, the watch nobody looked at for longest goes.</summary>
    private void MakeRoom(string user)
    {
        if (_perUser.GetValueOrDefault(user) >= options.Value.WatchesPerUser)
            Forget(_watches.Where(one => one.Value.User == user).MinBy(one => one.Value.LookedAt).Key);
    }

    private void Forget(int id)
    {
        if (!_watches.ContainsKey(id))
            return;
        _inotify?.Forget(id);
        Remove(id);
        _refused = false;
    }

    private void Remove(int id)
    {
        Watch watch = _watches[id];
        _watches.Remove(id);
        _ids.Remove((watch.User, watch.Path.Text));
        if (--_perUser[watch.User] == 0)
            _perUser.Remove(watch.User);
    }

    [LoggerMessage(916, LogLevel.Warning, "The operating system grants no more inotify watches ({Watches} are set): pages are told less of changed files; raise fs.inotify.max_user_watches")]
    private partial void LogRefused(int watches);

    [LoggerMessage(917, LogLevel.Warning, "inotify is not available: pages are not told of changed files; raise fs.inotify.max_user_instances")]
    private partial void LogUnavailable();

    [LoggerMessage(918, LogLevel.Debug, "So many files changed that the operating system lost count; the pages of {Watches} directories look again")]
    private partial void LogOverflow(int watches);

    private sealed record Watch(string User, ContentPath Path)
    {
        public long LookedAt { get; set; }
    }
}
