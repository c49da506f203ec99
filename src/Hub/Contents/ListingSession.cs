using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>
/// The listing of a directory in parts, so that one of a hundred thousand entries begins at once and is sent while it goes on, and never stands in memory
/// as a whole. Synchronous; runs on the threads of <see cref="ContentThreads"/>, one call at a time.
/// </summary>
internal sealed class ListingSession : IDisposable
{
    private readonly ContentRoot _root;
    private readonly OpenedDirectory _directory;
    private readonly ContentBrowser _browser;
    private readonly Queue<byte[]> _names;

    public ListingSession(HomeDirectory home, ContentPath path, ContentsOptions options, DateTimeOffset now)
    {
        _root = ContentRoot.Open(home);
        try
        {
            _directory = _root.OpenDirectory(path);
            _browser = new ContentBrowser(_root, options, now);
            _names = new Queue<byte[]>(_directory.Names(options.MaxListedEntries));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public OpenedDirectory Directory => _directory;

    public bool IsOver => _names.Count == 0;

    /// <summary>Looks at the next <paramref name="names"/> names; what is not shown is not among the answer.</summary>
    public List<ContentModel> Next(int names)
    {
        List<byte[]> next = new(Math.Min(names, _names.Count));
        while (next.Count < names && _names.TryDequeue(out byte[]? name))
            next.Add(name);
        return _browser.Look(_directory, next);
    }

    public void Dispose()
    {
        _directory?.Dispose();
        _root.Dispose();
    }
}
