using Hub.Admin.Environments;
using Hub.Admin.Walls;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace Hub.Admin;

/// <summary>
/// Tells open panels what changed, at most once in <c>Admin:PushEveryMilliseconds</c>. One loop takes one picture of the hub for all panels; each is
/// sent its difference to what it was told last. A panel whose line is slow still takes what it was sent: it is left out until it has, and is then
/// told the latest state, so it costs the hub one message and nobody else anything. While no panel is open nothing is done at all.
/// </summary>
internal sealed partial class AdminFeedPump(
    AdminWatchers watchers, AdminSnapshots snapshots, AdminMeter meter, AdminReach reach, AdminSignUps signUps, ClassWalls walls, EnvironmentRows environments, IHubContext<AdminFeed, IAdminClient> panels, TimeProvider time,
    IOptions<AdminOptions> options, ILogger<AdminFeedPump> logger) : BackgroundService
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);

    private AdminSnapshot? _last;
    private long _takenAt;

    /// <summary>Pictures taken; a test sees by it that nothing is done for nobody.</summary>
    internal long Taken { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TimeSpan every = TimeSpan.FromMilliseconds(options.Value.PushEveryMilliseconds);
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan rest = _last is null ? TimeSpan.Zero : every - time.GetElapsedTime(_takenAt);
            if (watchers.IsEmpty)
            {
                _last = null; // nobody was told anything: the next panel gets a new picture
                await watchers.WaitAsync(Idle, stoppingToken);
            }
            else if (rest > TimeSpan.Zero)
            {
                await watchers.WaitAsync(rest, stoppingToken);
            }
            await PushAsync(every, stoppingToken);
        }
    }

    private async Task PushAsync(TimeSpan every, CancellationToken cancellationToken)
    {
        if (watchers.IsEmpty)
            return;
        try
        {
            bool due = _last is null || time.GetElapsedTime(_takenAt) >= every;
            if (due)
            {
                await meter.MeasureAsync(cancellationToken);
                _last = await TakeAsync(cancellationToken);
                _takenAt = time.GetTimestamp();
                Taken++;
            }
            foreach (AdminWatcher watcher in watchers.All)
            {
                // Between two pictures only who knows nothing yet is told.
                if (watcher.Sending.IsCompleted && (due || watcher.Told is null))
                    watcher.Sending = SendAsync(watcher, _last!);
            }
        }
        catch (Exception broken) when (broken is not (OperationCanceledException or OutOfMemoryException))
        {
            LogBroken(logger, broken);
        }
    }

    private async Task<AdminSnapshot> TakeAsync(CancellationToken cancellationToken)
    {
        AdminWatcher[] open = [.. watchers.All];
        AdminSnapshot now = snapshots.Take(_last);
        long[] classIds = [.. open.Where(watcher => watcher.View == AdminView.Wall).Select(watcher => watcher.ClassId).Distinct()];
        return now with
        {
            SignUps = open.Any(watcher => watcher.SeesSignUps) ? await signUps.CountAsync(_last?.SignUps ?? 0, cancellationToken) : 0,
            Memberships = await reach.ReadAsync(open, _last?.Memberships ?? now.Memberships, cancellationToken),
            Environments = open.Any(watcher => watcher.View == AdminView.Environments) ? environments.Take(_last?.Environments) : null,
            Walls = await walls.TakeAsync(classIds, now.Kernels.Values, _last?.Walls, cancellationToken),
        };
    }

    /// <summary>Completes when the connection has taken the message, which on a slow line is later.</summary>
    private async Task SendAsync(AdminWatcher watcher, AdminSnapshot now)
    {
        AdminSnapshot? told = watcher.Told;
        // What was asked for after the picture was taken is in the next one.
        if ((watcher.View == AdminView.Wall && !now.Walls.ContainsKey(watcher.ClassId)) || (watcher.View == AdminView.Environments && now.Environments is null))
            return;
        watcher.Told = now;
        try
        {
            IAdminClient panel = panels.Clients.Client(watcher.ConnectionId);
            if (watcher.SeesSignUps && told?.SignUps != now.SignUps)
                await panel.Waiting(now.SignUps);
            switch (watcher.View)
            {
                case AdminView.Overview:
                    await panel.Overview(now.Overview with { Failures = [.. now.Overview.Failures.Where(failure => watcher.Reaches(failure.User, now))] });
                    break;
                case AdminView.Kernels:
                    RowChanges<KernelRow> kernels = Changes(watcher, now, told, snapshot => snapshot.Kernels, row => (row.User, row.Server));
                    if (!kernels.IsEmpty)
                        await panel.Kernels(kernels);
                    break;
                case AdminView.Servers:
                    RowChanges<ServerRow> servers = Changes(watcher, now, told, snapshot => snapshot.Servers, row => (row.User, row.Name));
                    if (!servers.IsEmpty)
                        await panel.Servers(servers);
                    break;
                case AdminView.Environments:
                    RowChanges<EnvironmentRow> changed = RowDifference.Between(told?.Environments, now.Environments!, _ => true, _ => true);
                    if (!changed.IsEmpty)
                        await panel.Environments(changed);
                    break;
                case AdminView.Wall:
                    WallChanges tiles = WallChanges.Between(watcher.ClassId, told?.Walls.GetValueOrDefault(watcher.ClassId), now.Walls[watcher.ClassId]);
                    if (!tiles.IsEmpty)
                        await panel.Wall(tiles);
                    break;
            }
        }
        catch (Exception gone) when (gone is not OutOfMemoryException)
        {
            LogNotTold(logger, gone.Message); // its connection ends, or the page asks anew
        }
    }

    /// <summary>The way from what the panel was told to what it may see now, of rows that each belong to a server.</summary>
    private static RowChanges<TRow> Changes<TRow>(
        AdminWatcher watcher, AdminSnapshot now, AdminSnapshot? told, Func<AdminSnapshot, IReadOnlyDictionary<string, TRow>> rowsOf, Func<TRow, (string User, string Server)> serverOf)
        where TRow : class
    {
        return RowDifference.Between(told is null ? null : rowsOf(told), rowsOf(now), row => Reaches(row, now), row => told is not null && Reaches(row, told));

        bool Reaches(TRow row, AdminSnapshot snapshot) => serverOf(row) is var (user, server) && watcher.Reaches(user, snapshot, server);
    }

    [LoggerMessage(1801, LogLevel.Error, "The panel's live figures could not be told this time")]
    private static partial void LogBroken(ILogger logger, Exception broken);

    [LoggerMessage(1802, LogLevel.Debug, "A panel could not be told: {Problem}")]
    private static partial void LogNotTold(ILogger logger, string problem);
}
