using System.Collections.Concurrent;
using Hub.Storage;
using Hub.Telemetry;
using Microsoft.Extensions.Options;

namespace Hub.Journal;

/// <summary>The journals of all kernels, one directory each below <c>journal/</c>, and the threads that write them.</summary>
public sealed class JournalStore : IAsyncDisposable
{
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, Lazy<KernelJournal>> _open = new(StringComparer.Ordinal);
    /// <summary>A write that takes longer than one to two of these holds nobody back.</summary>
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(500);

    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly string _root;
    private readonly ITimer? _sweeps;
    private readonly ITimer? _looks;
    private int _sweeping;

    public JournalStore(IOptions<JournalOptions> options, DataLayout layout, TimeProvider time, ILogger<JournalStore> logger, HubMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(time);
        (_options, _root, _time) = (options.Value, layout.Journal, time);
        Say = new JournalSay(logger);
        Burst = new JournalBurst(_options.BurstBytes);
        Figures = new JournalFigures(metrics?.Meter, () => Keepers().Sum(keeper => keeper.Bytes));
        Writers = new JournalWriters(_options.Writers);
        if (_options.OnDisk)
        {
            _sweeps = time.CreateTimer(_ => SweepSoon(), null, s_sweepEvery, s_sweepEvery);
            _looks = time.CreateTimer(_ => Look(), null, s_lookEvery, s_lookEvery);
        }
    }

    internal JournalWriters Writers { get; }

    internal JournalBurst Burst { get; }

    internal JournalSay Say { get; }

    internal JournalFigures Figures { get; }

    /// <summary>Readers that may wait for the disk at once; further ones wait without a thread.</summary>
    internal SemaphoreSlim ReadPermits { get; } = new(8);

    /// <summary>Told of each write before it is done; what a test throws here counts as the disk's refusal.</summary>
    internal Action<long> BeforeWrite { get; set; } = _ => { };

    /// <summary>Kernels that have a journal, open or left by a former run; not those that were ended.</summary>
    public IReadOnlyList<string> KernelIds => [.. _open.Keys.Union(Left().Where(directory => !File.Exists(EndedMark(directory))).Select(directory => Path.GetFileName(directory)), StringComparer.Ordinal)];

    /// <summary>The journal of this kernel: the one that is open, what a former run left (a torn end is cut off), or a new one.</summary>
    /// <remarks>Reads at most one segment. If the disk does not work, the journal is one in memory, and the log says so.</remarks>
    /// <exception cref="ArgumentException">The id is no name for a directory.</exception>
    /// <exception cref="JournalInUseException">Another process still has it open; try again when it has left.</exception>
    public KernelJournal Open(string kernelId)
    {
        Lazy<KernelJournal> journal = _open.GetOrAdd(CheckId(kernelId), id => new Lazy<KernelJournal>(() => OpenNow(id)));
        try
        {
            return journal.Value;
        }
        catch
        {
            _open.TryRemove(new(kernelId, journal));
            throw;
        }
    }

    /// <summary>Closes a journal and keeps it for a later <see cref="Open"/>: the kernel runs on without this hub.</summary>
    public async Task CloseAsync(string kernelId)
    {
        if (_open.TryGetValue(CheckId(kernelId), out Lazy<KernelJournal>? journal))
        {
            await journal.Value.DisposeAsync();
            _open.TryRemove(new(kernelId, journal));
        }
    }

    /// <summary>The kernel was shut down: its journal is closed, and goes after <see cref="JournalOptions.KeepAfterEnd"/>.</summary>
    public async Task EndAsync(string kernelId)
    {
        await CloseAsync(kernelId);
        if (_options.KeepAfterEnd == TimeSpan.Zero)
        {
            await DeleteAsync(kernelId);
            return;
        }

        string directory = Path.Combine(_root, kernelId);
        if (!_options.OnDisk || !Directory.Exists(directory))
            return;
        try
        {
            await File.WriteAllTextAsync(EndedMark(directory), "");
            File.SetLastWriteTimeUtc(EndedMark(directory), _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Without the mark it goes when it is old.
            Say.SweepFailed(refused);
        }
    }

    /// <summary>Nobody will ask any more what the kernel said: its journal goes at once.</summary>
    public async Task DeleteAsync(string kernelId)
    {
        await CloseAsync(kernelId);
        string directory = Path.Combine(_root, kernelId);
        await Task.Run(() => Remove(directory));
    }

    /// <summary>Writes what is left and closes all journals.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_sweeps is not null)
            await _sweeps.DisposeAsync();
        if (_looks is not null)
            await _looks.DisposeAsync();
        await Task.WhenAll(_open.Keys.Select(CloseAsync));
        Writers.Dispose();
        ReadPermits.Dispose();
    }

    /// <summary>Drops what is too old, then what is too much for all journals together.</summary>
    internal void Sweep()
    {
        try
        {
            foreach (JournalKeeper keeper in Keepers())
                keeper.Sweep();
            SweepLeft();
            long tooMuch = Keepers().Sum(keeper => keeper.Bytes) + Left().Sum(SizeOf) - _options.Bytes;
            while (tooMuch > 0 && DropOne() is > 0 and var freed)
                tooMuch -= freed;
        }
        catch (Exception refused)
        {
            Say.SweepFailed(refused);
        }
    }

    /// <summary>On the timer's thread, since the writers' may hang.</summary>
    private void Look()
    {
        foreach (Lazy<KernelJournal> journal in _open.Values)
        {
            if (journal.IsValueCreated)
                journal.Value.Look();
        }
    }

    private static string EndedMark(string directory) => Path.Combine(directory, "ended");

    private static string CheckId(string kernelId)
    {
        ArgumentNullException.ThrowIfNull(kernelId);
        return kernelId.Length is > 0 and <= 100 && kernelId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? kernelId
            : throw new ArgumentException("a kernel's id has 1 to 100 letters, digits, - and _", nameof(kernelId));
    }

    private static long SizeOf(string directory) => new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static DateTime LastWriteOf(string directory) =>
        new DirectoryInfo(directory).EnumerateFiles("*.seg").Select(file => file.LastWriteTimeUtc).Append(Directory.GetLastWriteTimeUtc(directory)).Max();

    private KernelJournal OpenNow(string kernelId)
    {
        if (!_options.OnDisk)
            return new KernelJournal(kernelId, _options, _time, null, this);
        try
        {
            string directory = Path.Combine(_root, kernelId);
            JournalFiles files = JournalFiles.Open(directory, _options, bytes => BeforeWrite(bytes));
            File.Delete(EndedMark(directory));
            if (files.Cut > 0)
                Say.Cut(kernelId, files.Cut, files.Last);
            return new KernelJournal(kernelId, _options, _time, files, this);
        }
        catch (Exception refused) when (refused is (IOException and not JournalInUseException) or UnauthorizedAccessException)
        {
            Say.InMemory(kernelId, refused);
            return new KernelJournal(kernelId, _options, _time, null, this);
        }
    }

    private IEnumerable<JournalKeeper> Keepers() =>
        _open.Values.Where(journal => journal.IsValueCreated).Select(journal => journal.Value.Keeper).OfType<JournalKeeper>();

    /// <summary>Directories of journals that are not open here.</summary>
    private IEnumerable<string> Left() =>
        _options.OnDisk && Directory.Exists(_root) ? Directory.EnumerateDirectories(_root).Where(directory => !_open.ContainsKey(Path.GetFileName(directory))) : [];

    private void SweepSoon()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
            return;
        Writers.Enqueue(() =>
        {
            Sweep();
            Volatile.Write(ref _sweeping, 0);
        });
    }

    private void SweepLeft()
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        foreach (string directory in Left().ToList())
        {
            bool ended = File.Exists(EndedMark(directory));
            if (ended ? File.GetLastWriteTimeUtc(EndedMark(directory)) + _options.KeepAfterEnd <= now : LastWriteOf(directory) + _options.KeepFor < now)
                Remove(directory);
        }
    }

    /// <summary>Frees something: what belongs to no kernel any more first, then the oldest segment without a running execution, then the oldest of all.</summary>
    private long DropOne()
    {
        if (Left().Where(directory => File.Exists(EndedMark(directory))).OrderBy(LastWriteOf).FirstOrDefault() is { } ended)
        {
            long size = SizeOf(ended);
            return Remove(ended) ? size : 0;
        }

        (JournalKeeper? Keeper, bool Running, long Ticks) oldest = (null, true, long.MaxValue);
        bool areAllSeen = true;
        foreach (JournalKeeper keeper in Keepers())
        {
            areAllSeen &= keeper.TryLookAtOldest(out (long Ticks, bool Running)? one);
            if (one is { } seen && (oldest.Keeper is null || (seen.Running, seen.Ticks).CompareTo((oldest.Running, oldest.Ticks)) < 0))
                oldest = (keeper, seen.Running, seen.Ticks);
        }

        // What runs is touched only when there is nothing else for certain; the next sweep knows more.
        if (oldest.Keeper is null || (oldest.Running && !areAllSeen))
            return 0;
        long before = oldest.Keeper.Bytes;
        oldest.Keeper.DropOldest("Journal:Bytes");
        return before - oldest.Keeper.Bytes;
    }

    /// <summary>False when another process has it open.</summary>
    private bool Remove(string directory)
    {
        try
        {
            if (!Directory.Exists(directory))
                return true;
            using (JournalFiles.TakeLock(directory))
                Directory.Delete(directory, recursive: true);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            if (refused is not JournalInUseException)
                Say.SweepFailed(refused);
            return false;
        }
    }
}
