using System.Collections.Concurrent;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.Kernels;

/// <summary>
/// Makes what every environment needs exist as soon as the hub runs, and looks again every <c>Kernels:ImageCheckSeconds</c>, so that the first person to start
/// a kernel waits for a container and not for a build, and nobody is offered what cannot start. A start that comes earlier joins the work under way and shows
/// its progress in the page; here it goes to the console, and by the <see cref="EnvironmentBoard"/> to the panel.
/// </summary>
internal sealed partial class ImagePreparation(
    ISpawner spawner, KernelSpecCatalog specs, EnvironmentPreparer environments, IOptions<KernelSpecsOptions> options, TimeProvider time, ILogger<ImagePreparation> logger) : BackgroundService
{
    /// <summary>What was asked for by people, by environment; at most one each.</summary>
    private readonly ConcurrentDictionary<string, Task> _asked = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _over = new();

    /// <summary>What the log was told of each environment.</summary>
    private readonly ConcurrentDictionary<string, EnvironmentState> _said = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>True when every environment can be used; what is wrong with one is logged and hinders no other.</summary>
    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        bool all = true;
        // What is there is said at once; only then is waited for what is not.
        foreach (KernelSpec spec in specs.List())
            await environments.LookAsync(spec, cancellationToken);
        foreach (KernelSpec spec in specs.List())
            all &= await PrepareAsync(spec, again: false, cancellationToken);
        return all;
    }

    /// <summary>Begins to prepare one environment, because somebody asks for it or has just changed it.</summary>
    /// <param name="again">Pull or build its image though it is there.</param>
    /// <returns>False when that is under way already.</returns>
    public bool Begin(KernelSpec spec, bool again)
    {
        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_asked.TryAdd(spec.Name, turn.Task))
            return false;
        _ = Task.Run(async () =>
        {
            try
            {
                await PrepareAsync(spec, again, _over.Token);
                // What was changed meanwhile is looked after as it is now; nobody else does.
                for (KernelSpec before = spec; specs.Find(spec.Name) is { } now && !IsSame(before, now); before = now)
                    await PrepareAsync(now, again: false, _over.Token);
            }
            catch (Exception over) when (over is not OutOfMemoryException)
            {
                // The hub ends, or something nobody thought of: the board says what is known, and the next look comes.
                LogInterrupted(logger, spec.Name, over.Message);
            }
            finally
            {
                _asked.TryRemove(spec.Name, out _);
                turn.SetResult();
            }
        });
        return true;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _over.CancelAsync();
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_asked.Values).WaitAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _over.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the hub lets people in meanwhile
        for (; ; )
        {
            await PrepareAsync(stoppingToken);
            await Task.Delay(TimeSpan.FromSeconds(options.Value.ImageCheckSeconds), time, stoppingToken);
        }
    }

    /// <summary>Do both need the same of the machine?</summary>
    private static bool IsSame(KernelSpec one, KernelSpec other) => one.Image == other.Image && one.Network == other.Network && one.Mounts.SequenceEqual(other.Mounts);

    private async Task<bool> PrepareAsync(KernelSpec spec, bool again, CancellationToken cancellationToken)
    {
        EnvironmentState now = await environments.PrepareAsync(spec, again, new Console(logger, spec.Image ?? ""), cancellationToken);
        // The same every few minutes is no news.
        bool isNews = again || !_said.TryGetValue(spec.Name, out EnvironmentState? said) || said.Phase != now.Phase || said.Message != now.Message || said.ImageId != now.ImageId;
        _said[spec.Name] = now;
        if (now.Phase == EnvironmentPhase.Ready)
        {
            if (isNews && spec.Image is not null && spawner is IImagePreparer)
                LogReady(logger, spec.Image, spec.Name, now.ImageId ?? "");
            return true;
        }
        if (isNews)
            LogFailed(logger, spec.Name, now.Message);
        return false;
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

    [LoggerMessage(1245, LogLevel.Information, "Image {Image} of the environment {Environment} is ready: {ImageId}")]
    private static partial void LogReady(ILogger logger, string image, string environment, string imageId);

    [LoggerMessage(1246, LogLevel.Error, "The environment {Environment} cannot be used: {Problem}")]
    private static partial void LogFailed(ILogger logger, string environment, string problem);

    [LoggerMessage(1247, LogLevel.Warning, "Preparing the environment {Environment} was broken off: {Why}")]
    private static partial void LogInterrupted(ILogger logger, string environment, string why);
}
