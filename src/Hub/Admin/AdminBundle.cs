using System.Text.Json;
using Hub.Lab;
using Microsoft.Extensions.Options;

namespace Hub.Admin;

/// <summary>The panel's built scripts. Without them its pages are tables the server draws, to be loaded anew by hand.</summary>
internal sealed partial class AdminBundle(IOptions<AdminOptions> options, ILogger<AdminBundle> logger)
{
    private readonly Lock _gate = new();
    private (string Root, string Script, DateTime WrittenAt)? _found;
    private bool _told;

    /// <summary>The script's name, which holds a hash of its content; null when the panel was not built.</summary>
    public string? Script => Find()?.Script;

    /// <summary>Where the file of this name lies; null for every name but the script's.</summary>
    public string? PathOf(string file) => Find() is var (root, script, _) && file == script ? Path.Combine(root, file) : null;

    /// <summary>Looks at the manifest's time each time, since the panel may be built anew under a running hub.</summary>
    private (string Root, string Script, DateTime WrittenAt)? Find()
    {
        lock (_gate)
        {
            string? root = LabBundles.FindRoot(options.Value.Assets, "admin");
            if (root is null)
            {
                if (!_told)
                    LogMissing();
                _told = true;
                return _found;
            }
            string manifest = Path.Combine(root, "manifest.json");
            DateTime writtenAt = File.GetLastWriteTimeUtc(manifest);
            if (_found is { } known && known.Root == root && known.WrittenAt == writtenAt)
                return known;
            try
            {
                using JsonDocument read = JsonDocument.Parse(File.ReadAllBytes(manifest));
                _found = (root, read.RootElement.GetProperty("script").GetString() ?? "", writtenAt);
            }
            catch (Exception unreadable) when (unreadable is IOException or JsonException or KeyNotFoundException or UnauthorizedAccessException)
            {
                LogUnreadable(root, unreadable.Message);
            }
            return _found;
        }
    }

    [LoggerMessage(1803, LogLevel.Warning, "The panel's scripts are not built; its pages do not refresh themselves. Build src/Web/client/admin or set Admin:Assets.")]
    private partial void LogMissing();

    [LoggerMessage(1804, LogLevel.Warning, "The panel's scripts at {Root} cannot be read: {Problem}")]
    private partial void LogUnreadable(string root, string problem);
}
