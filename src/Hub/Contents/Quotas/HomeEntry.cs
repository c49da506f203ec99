namespace Hub.Contents.Quotas;

/// <summary>A home with a quota that was opened in this run of the hub.</summary>
internal sealed class HomeEntry(HomeDirectory home, bool isImage, HomeAllowance allowance)
{
    private long _openedAt;

    public HomeDirectory Home { get; } = home;

    public bool IsImage { get; } = isImage;

    public HomeAllowance Allowance { get; } = allowance;

    /// <summary>Timestamp of the clock.</summary>
    public long OpenedAt
    {
        get => Interlocked.Read(ref _openedAt);
        set => Interlocked.Exchange(ref _openedAt, value);
    }

    /// <summary>What the file system of an image says is used.</summary>
    public long AskSystem()
    {
        DriveInfo system = new(Home.Path);
        return system.TotalSize - system.TotalFreeSpace;
    }
}
