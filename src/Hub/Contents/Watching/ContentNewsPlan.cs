namespace Hub.Contents.Watching;

/// <summary>
/// What is told of all that happened to one directory within a moment: each name once, with what became of it in the end; of more than
/// <paramref name="mostNames"/> names only that the directory should be looked at again. Pure.
/// </summary>
internal sealed class ContentNewsPlan(ContentPath directory, int mostNames, Func<string, bool> isShown)
{
    private readonly Dictionary<string, ContentNews> _news = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, string> _leaving = [];
    private bool _all;

    public void Add(DirectoryChange change)
    {
        if (_all || change.Name is not { } name)
            return;
        bool shown = isShown(name);
        if ((change.What & Inotify.MovedFrom) != 0)
        {
            _leaving[change.Cookie] = name;
            if (shown)
                Set(name, "delete");
        }
        else if ((change.What & Inotify.MovedTo) != 0 && shown)
        {
            // The hub's own saves, and those of many programs, end with a rename of a file nobody was shown.
            if (_leaving.Remove(change.Cookie, out string? from) && isShown(from))
            {
                _news.Remove(from);
                _news[name] = new ContentNews("rename", PathOf(name), PathOf(from));
            }
            else
            {
                Set(name, "save");
            }
        }
        else if (shown)
        {
            bool isNew = _news.TryGetValue(name, out ContentNews? before) && before.Action is "create" or "rename";
            if ((change.What & Inotify.Deleted) != 0)
                Set(name, "delete");
            else if ((change.What & Inotify.Created) != 0)
                Set(name, before?.Action == "delete" ? "save" : "create");
            else if (!isNew)
                Set(name, "save");
        }
        if (_news.Count > mostNames)
            AddAll();
    }

    /// <summary>So much happened that nobody knows what.</summary>
    public void AddAll()
    {
        _all = true;
        _news.Clear();
        _leaving.Clear();
    }

    public IReadOnlyList<ContentNews> News() => _all ? [new ContentNews("save", directory.Text)] : [.. _news.Values];

    private void Set(string name, string action) => _news[name] = new ContentNews(action, PathOf(name));

    private string PathOf(string name) => directory.Entry(name).Text;
}
