namespace Hub.Contents.FileSystem;

/// <summary>What the operating system says of an open file or of an entry.</summary>
/// <param name="Mode">Permission bits only.</param>
/// <param name="Created">Birth where the file system keeps it, else the last change of the inode.</param>
/// <param name="Changed">Last change of the inode in nanoseconds since 1970: unlike the time of modification, its owner cannot set it.</param>
internal readonly record struct FileStatus(
    FileKind Kind,
    uint Mode,
    uint UserId,
    uint GroupId,
    long Size,
    ulong Inode,
    ulong Device,
    DateTimeOffset Created,
    DateTimeOffset Modified,
    long Changed)
{
    private const uint BirthKnown = 0x800;

    private const int BlockBytes = 512;

    /// <summary>Bytes of the disk that are free once this name is gone; 0 while the file has others.</summary>
    public long Releases { get; init; }

    public bool IsSameFileAs(FileStatus other) => Inode == other.Inode && Device == other.Device;

    /// <summary>The same file with the same content, as far as anybody can tell without reading it; a rename does not count.</summary>
    public bool IsUnchangedFrom(FileStatus before) => IsSameFileAs(before) && Size == before.Size && Modified == before.Modified;

    public static FileStatus From(in RawStatus raw) => new(
        KindOf(raw.Mode),
        raw.Mode & 0xFFFu,
        raw.UserId,
        raw.GroupId,
        (long)raw.Size,
        raw.Inode,
        ((ulong)raw.DeviceMajor << 32) | raw.DeviceMinor,
        (raw.Mask & BirthKnown) != 0 ? Time(raw.BirthSeconds, raw.BirthNanoseconds) : Time(raw.ChangeSeconds, raw.ChangeNanoseconds),
        Time(raw.ModifySeconds, raw.ModifyNanoseconds),
        unchecked((raw.ChangeSeconds * 1_000_000_000) + raw.ChangeNanoseconds))
    {
        Releases = raw.Links <= 1 ? (long)raw.Blocks * BlockBytes : 0,
    };

    private static FileKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.File,
        0x4000 => FileKind.Directory,
        0xA000 => FileKind.Link,
        _ => FileKind.Other,
    };

    /// <summary>A kernel can set any time on its files; what no calendar holds becomes the nearest that one does.</summary>
    private static DateTimeOffset Time(long seconds, uint nanoseconds) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, -62_135_596_800, 253_402_300_799)).AddTicks(nanoseconds / 100);
}
