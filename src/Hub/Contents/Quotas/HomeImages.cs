using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Contents.Quotas;

/// <summary>
/// Homes that are file systems of their own: <c>home-images/{home}.ext4</c>, a sparse file, mounted on <c>homes/{home}</c>. Nothing of them is in memory: a home
/// that has an image is mounted when it is opened, whatever the options say by now, and found mounted by the next run of the hub. Mounts stay when the hub
/// ends, as kernels do. Where there is no image the home is a plain directory; none that was used as one ever becomes an image by itself.
/// Synchronous; making one takes 5 to 90 ms, mounting about 20 ms, asking whether it is mounted microseconds.
/// </summary>
public sealed partial class HomeImages(DataLayout layout, IOptions<HomesOptions> options, ILogger<HomeImages> logger)
{
    /// <summary>Where the image of a deleted user lies in the directory that waits for the operator.</summary>
    public const string LeftName = "home.ext4";

    private const string Suffix = ".ext4";
    private const int LongestName = 255;

    private readonly Lock[] _gates = [.. Enumerable.Range(0, 16).Select(_ => new Lock())];
    private readonly Lazy<string?> _problem = new(ImageSupport.Problem);
    private readonly ImageGrowth _growth = new(options.Value.AllocateInFull, logger);

    /// <summary>Mounts the home's image; makes one for a home that is new, where that is wanted and can be.</summary>
    /// <param name="quota">What it may hold; null without a limit.</param>
    /// <returns>True when the home is a file system of its own.</returns>
    /// <exception cref="HomeException">It has an image, and that cannot be mounted.</exception>
    internal bool Ready(HomeDirectory home, long? quota)
    {
        // A hub that is not root has never made one.
        if (home is not { UserId: { } user, GroupId: { } group })
            return false;
        string image = ImageOf(home.Path);
        if (File.Exists(image) && MountPoint.IsMounted(home.Path))
            return true;
        lock (GateOf(image))
        {
            if (File.Exists(image))
            {
                Mount(image, home.Path, quota);
                return true;
            }
            return quota is { } bytes && TryMake(image, home.Path, bytes, user, group);
        }
    }

    /// <summary>Mounts the home's image if it has one; makes nothing.</summary>
    /// <exception cref="HomeException">It cannot be mounted.</exception>
    internal void Find(string path)
    {
        string image = ImageOf(path);
        lock (GateOf(image))
        {
            if (File.Exists(image))
                Mount(image, path, quota: null);
        }
    }

    /// <summary>Gives the image of a home the room for its quota where it has less; kernels may have it open. See <see cref="ImageGrowth"/>.</summary>
    internal void Grow(string path, long quota)
    {
        string image = ImageOf(path);
        lock (GateOf(image))
        {
            if (File.Exists(image) && MountPoint.IsMounted(path))
                _growth.GrowMounted(image, quota);
        }
    }

    /// <summary>Mounts every image, for who reads all homes without opening them one by one.</summary>
    /// <exception cref="HomeException">One of them cannot be mounted.</exception>
    internal void FindAll()
    {
        foreach (string path in Paths())
            Find(path);
    }

    /// <summary>Unmounts a home that nobody uses; one in which a file is open stays.</summary>
    internal void Rest(string path) => Unmount(path);

    /// <summary>Homes that are mounted now; paths.</summary>
    internal IReadOnlyList<string> Mounted() => [.. Paths().Where(MountPoint.IsMounted)];

    /// <summary>After this, the home can be moved: kernels keep what they have of it, the hub sees it no more.</summary>
    internal void Leave(string path) => Unmount(path, "--lazy");

    /// <summary>A home was moved from one directory of homes to another; its image follows.</summary>
    internal void Follow(string from, string to)
    {
        string image = ImageOf(from);
        if (File.Exists(image))
            File.Move(image, ImageOf(to));
    }

    /// <summary>The home of a deleted user was moved aside; its image goes along, to be mounted by the operator or to go with it.</summary>
    internal void PutAside(string from, string aside)
    {
        string image = ImageOf(from);
        if (File.Exists(image))
            File.Move(image, Path.Combine(aside, LeftName));
    }

    /// <summary>Where the homes that have images are or would be mounted.</summary>
    private IEnumerable<string> Paths() => Directory.Exists(layout.HomeImages)
        ? Directory.EnumerateFiles(layout.HomeImages, "*" + Suffix).Select(image => Path.Combine(Path.GetFullPath(layout.Homes), Path.GetFileName(image)[..^Suffix.Length]))
        : [];

    private string ImageOf(string home) => Path.Combine(Path.GetFullPath(layout.HomeImages), Path.GetFileName(home) + Suffix);

    private Lock GateOf(string image) => _gates[(uint)string.GetHashCode(image, StringComparison.Ordinal) % (uint)_gates.Length];

    private bool TryMake(string image, string path, long quota, int user, int group)
    {
        if (options.Value.QuotaKind is not (QuotaKind.Auto or QuotaKind.Image) || _problem.Value is not null)
            return false;
        if (Path.GetFileName(image).Length > LongestName || !MountPoint.TryPrepare(path, evenUsed: false))
            return false;
        string unfinished = image + ".new";
        try
        {
            Directory.CreateDirectory(layout.HomeImages);
            ImagePlan plan = ImagePlan.For(quota);
            using (new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
                Demand(_growth.Stretch(unfinished, plan));
            Demand(SystemTool.Run("mkfs.ext4", plan.MakeArguments(unfinished, user, group)));
            File.Move(unfinished, image);
            Mount(image, path, quota: null);
            MountPoint.Settle(path);
            LogMade(path, quota);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or HomeException)
        {
            // Nothing can be in it: it was never mounted.
            File.Delete(unfinished);
            File.Delete(image);
            if (options.Value.QuotaKind == QuotaKind.Image)
                throw failure as HomeException ?? new HomeException($"No image could be made for the home {path}: {failure.Message}");
            LogMeasured(failure, path);
            return false;
        }
    }

    private void Mount(string image, string path, long? quota)
    {
        if (MountPoint.IsMounted(path))
            return;
        if (!MountPoint.TryPrepare(path, evenUsed: true))
            throw new HomeException($"The home {path} has the image {image}, but there are files in the directory it is to be mounted on. Move them away.");
        if (quota is { } bytes)
            _growth.GrowUnused(image, bytes);
        Demand(SystemTool.Run("mount", ImagePlan.MountArguments(image, path)));
        if (!MountPoint.IsMounted(path))
            throw new HomeException($"The image {image} was mounted on {path}, but is not seen there.");
    }

    private void Unmount(string path, params string[] how)
    {
        string image = ImageOf(path);
        lock (GateOf(image))
        {
            if (!File.Exists(image) || !MountPoint.IsMounted(path))
                return;
            (int exit, string said) = SystemTool.Run("umount", [.. how, path]);
            if (exit != 0)
                LogStays(path, said);
        }
    }

    private static void Demand((int ExitCode, string Said) ended)
    {
        if (ended.ExitCode != 0)
            throw new HomeException($"{ended.Said} (exit code {ended.ExitCode})");
    }

    [LoggerMessage(905, LogLevel.Information, "The home {Path} is a file system of its own, for {Quota} bytes")]
    private partial void LogMade(string path, long quota);

    [LoggerMessage(906, LogLevel.Warning, "No image could be made for the home {Path}; its quota is kept by measuring")]
    private partial void LogMeasured(Exception failure, string path);

    [LoggerMessage(908, LogLevel.Debug, "The home {Path} stays mounted: {Said}")]
    private partial void LogStays(string path, string said);
}
