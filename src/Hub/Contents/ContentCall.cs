using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>One request about one path of one home.</summary>
/// <param name="UserId">Whose home it is; not always who asks.</param>
internal sealed record ContentCall(long UserId, HomeDirectory Home, ContentPath Path, ContentsOptions Options, ContentThreads Threads, DateTimeOffset Now)
{
    /// <summary>Runs <paramref name="work"/> on the open home, on a thread for files.</summary>
    public Task<T> RunAsync<T>(Func<ContentRoot, T> work, CancellationToken cancellationToken) => Threads.RunAsync(Home, work, cancellationToken);

    /// <summary>Runs work on something that is open already.</summary>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken) => Threads.RunAsync(Home.UserName, work, cancellationToken);

    public Task<ContentModel> DescribeAsync(ContentPath path, CancellationToken cancellationToken) =>
        RunAsync(root => Browser(root).Describe(path), cancellationToken);

    public ContentBrowser Browser(ContentRoot root) => new(root, Options, Now);

    /// <summary>A path another part of the request names.</summary>
    public ContentPath Parse(string path) => ContentPath.Parse(path, Options);

    /// <exception cref="ContentException">404: for reading, what is hidden is not there.</exception>
    public void RequireVisible()
    {
        if (Path.IsHidden && !Options.AllowHidden)
            throw new ContentException(ContentFailure.NotFound, $"file or directory '{Path}' does not exist");
    }

    /// <exception cref="ContentException">400: what is hidden cannot be made or changed.</exception>
    public void RequireChangeable(ContentPath path)
    {
        if (path.IsHidden && !Options.AllowHidden)
            throw new ContentException(ContentFailure.BadRequest, $"Cannot create file or directory '{path}'");
    }
}
