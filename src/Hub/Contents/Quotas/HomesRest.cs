namespace Hub.Contents.Quotas;

/// <summary>Unmounts all homes in images, when their kernels were ended: for who moves the data directory, or wants nothing of a hub left on the machine.</summary>
internal sealed partial class HomesRest(HomeImages images, HomeQuotas quotas, IEnumerable<IHomesInUse> inUse, TimeProvider time, ILogger<HomesRest> logger)
{
    /// <summary>The mounts of a kernel go with its last process, a moment after it counts as ended.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Tries until nothing is mounted, for ten seconds at most. A home in which something is at work stays; one in which only the hub has a file open is waited for.
    /// A hub that serves on mounts a home again when somebody opens it.
    /// </summary>
    /// <returns>Paths of those that stay mounted; each is in the log.</returns>
    public async Task<IReadOnlyList<string>> UnmountAllAsync(CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            IReadOnlyList<string> left = await Task.Run(UnmountAll, cancellationToken);
            if (left.Count == 0)
                return left;
            if (time.GetElapsedTime(began) >= s_patience)
            {
                foreach (string path in left)
                    LogStays(path);
                return left;
            }
            await Task.Delay(s_pause, time, cancellationToken);
        }
    }

    private IReadOnlyList<string> UnmountAll()
    {
        HashSet<string> atWork = new(inUse.SelectMany(one => one.Users()), StringComparer.Ordinal);
        Dictionary<string, string> users = quotas.All.ToDictionary(entry => entry.Home.Path, entry => entry.Home.UserName, StringComparer.Ordinal);
        foreach (string path in images.Mounted())
        {
            if (users.TryGetValue(path, out string? user) && atWork.Contains(user))
                continue;
            // What is no longer mounted has no figures that could be asked for.
            if (user is not null)
                quotas.Forget(user);
            images.Rest(path);
        }
        return images.Mounted();
    }

    [LoggerMessage(915, LogLevel.Warning, "The home {Path} stays mounted: something has a file in it open")]
    private partial void LogStays(string path);
}
