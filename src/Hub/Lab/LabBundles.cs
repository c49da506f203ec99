using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Hub.Lab;

/// <summary>Finds the built front end and follows it when it is built anew under a running hub.</summary>
internal sealed partial class LabBundles(IOptions<LabOptions> options, TimeProvider time, ILogger<LabBundles> logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private LabBundle? _bundle;
    private DateTime _writtenAt;
    private long? _lookedAt;

    /// <summary>The front end; null when it was not built or cannot be read (said in the log).</summary>
    public LabBundle? Find()
    {
        lock (_gate)
        {
            if (_lookedAt is { } last && time.GetElapsedTime(last) < LookEvery)
                return _bundle;
            _lookedAt = time.GetTimestamp();
            string? root = FindRoot(options.Value.Assets);
            if (root is null)
            {
                if (_bundle is null)
                    LogMissing(logger);
                return _bundle;
            }
            DateTime writtenAt = File.GetLastWriteTimeUtc(Path.Combine(root, "manifest.json"));
            if (_bundle is not null && writtenAt == _writtenAt && _bundle.Root == root)
                return _bundle;
            try
            {
                _bundle = LabBundle.Read(root);
                _writtenAt = writtenAt;
                LogRead(logger, _bundle.Manifest.VersionOf("jupyterlab"), _bundle.Manifest.VersionOf("notebook"));
            }
            catch (Exception unreadable) when (unreadable is IOException or JsonException or UnauthorizedAccessException)
            {
                LogUnreadable(logger, root, unreadable.Message);
            }
            return _bundle;
        }
    }

    /// <summary>Where the files of one of the client's builds are; null when it was not built.</summary>
    /// <param name="assets">As set; empty looks beside the program, then above it.</param>
    /// <param name="client">Folder of the build: <c>lab</c> or <c>admin</c>.</param>
    internal static string? FindRoot(string assets, string client = "lab")
    {
        if (assets.Length > 0)
            return IsBundle(assets) ? Path.GetFullPath(assets) : null;
        string beside = Path.Combine(AppContext.BaseDirectory, client);
        if (IsBundle(beside))
            return beside;
        for (DirectoryInfo? above = new(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            string built = Path.Combine(above.FullName, "src", "Web", "client", client, "dist");
            if (IsBundle(built))
                return built;
        }
        return null;
    }

    private static bool IsBundle(string directory) => File.Exists(Path.Combine(directory, "manifest.json"));

    [LoggerMessage(1700, LogLevel.Information, "The front end is JupyterLab {Lab} and Notebook {Notebook}")]
    private static partial void LogRead(ILogger logger, string lab, string notebook);

    [LoggerMessage(1701, LogLevel.Warning, "There is no built front end; set Lab:Assets or build src/Web/client/lab. The APIs work without it.")]
    private static partial void LogMissing(ILogger logger);

    [LoggerMessage(1702, LogLevel.Warning, "The front end at {Root} cannot be read: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string root, string problem);
}
