using Hub.KernelSpecs;
using Spawner;

namespace Hub.Kernels;

/// <summary>
/// Makes the images of all kernelspecs exist as soon as the hub runs, so that the first person to start a kernel waits for a container and not
/// for a build. A start that comes earlier joins the work under way and shows its progress in the page; here it goes to the console.
/// </summary>
internal sealed partial class ImagePreparation(ISpawner spawner, KernelSpecCatalog specs, ILogger<ImagePreparation> logger) : BackgroundService
{
    /// <summary>True when every image is there; what is wrong with one is logged and hinders no other.</summary>
    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        bool all = true;
        if (spawner is not IImagePreparer preparer)
            return all;
        foreach (string image in specs.List().Select(spec => spec.Image).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            try
            {
                await preparer.EnsureAsync(image, new Console(logger, image), cancellationToken);
                LogReady(logger, image);
            }
            catch (SpawnException failure)
            {
                LogFailed(logger, image, failure.Message);
                all = false;
            }
        }

        return all;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the hub lets people in meanwhile
        await PrepareAsync(stoppingToken);
    }

    /// <summary>Says each percent once: a build tells more than anybody reads.</summary>
    private sealed class Console(ILogger logger, string image) : IProgress<SpawnProgress>
    {
        private int _said = -1;

        public void Report(SpawnProgress value)
        {
            if (Interlocked.Exchange(ref _said, value.Percent) != value.Percent)
                LogProgress(logger, image, value.Percent, value.Message);
        }
    }

    [LoggerMessage(1244, LogLevel.Information, "Image {Image}: {Percent} % {Message}")]
    private static partial void LogProgress(ILogger logger, string image, int percent, string message);

    [LoggerMessage(1245, LogLevel.Information, "Image {Image} is ready")]
    private static partial void LogReady(ILogger logger, string image);

    [LoggerMessage(1246, LogLevel.Error, "Image {Image} is not to be had, so kernels that need it cannot start: {Message}")]
    private static partial void LogFailed(ILogger logger, string image, string message);
}
