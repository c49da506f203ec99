using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>
/// The environments made in the panel: kept in the database, held in memory, and told to the catalogue. Only one hub writes to a database, so memory is
/// never older than it. Changes are made one at a time.
/// </summary>
internal sealed partial class PanelEnvironments : IHostedService, IDisposable
{
    private readonly EnvironmentsStore _store;
    private readonly KernelSpecCatalog _catalog;
    private readonly EnvironmentBoard _board;
    private readonly KernelSpecsOptions _options;
    private readonly MountSources _sources;
    private readonly SpawnerChoice _choice;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _one = new(1, 1);
    private IReadOnlyDictionary<string, MadeEnvironment> _made = new Dictionary<string, MadeEnvironment>();

    public PanelEnvironments(
        EnvironmentsStore store, KernelSpecCatalog catalog, EnvironmentBoard board, IOptions<KernelSpecsOptions> options, MountSources sources, SpawnerChoice choice, ILogger<PanelEnvironments> logger)
    {
        (_store, _catalog, _board, _options) = (store, catalog, board, options.Value);
        (_sources, _choice, _logger) = (sources, choice, logger);
    }

    /// <summary>Those that are in no list, by name, and why.</summary>
    public IReadOnlyDictionary<string, string> LeftOut
    {
        get
        {
            Dictionary<string, string> left = [];
            foreach (MadeEnvironment made in Volatile.Read(ref _made).Values)
            {
                if (WhyLeftOut(made) is { } why)
                    left[made.Name] = why;
            }
            return left;
        }
    }

    private bool HasContainers => _choice.Kind != SpawnerKind.Process;

    /// <summary>One by its name, compared without case; null when none was made in the panel.</summary>
    public MadeEnvironment? Find(string name) => Volatile.Read(ref _made).GetValueOrDefault(name.ToLowerInvariant());

    /// <summary>What is wrong with it as it is written, in a sentence; null when nothing is. Looks at the machine for mounts, not for images.</summary>
    public string? Problem(string name, KernelSpecOptions settings) => settings switch
    {
        // Files from there reach browsers, scripts among them.
        { Resources.Length: > 0 } => $"{name}:Resources is for the configuration alone.",
        { PinnedDigest.Length: > 0 } => $"{name}:PinnedDigest is for the configuration alone; here \"pin\" keeps the image that is there first, and an image may be written name@sha256:….",
        _ => ConfiguredKernelSpecs.Problem(name, name, settings, HasContainers) ?? _sources.Problem(name, ConfiguredKernelSpecs.MountsOf(settings), _options.PanelMountRoots),
    };

    /// <returns>Why it was not made; null when it was.</returns>
    public Task<string?> CreateAsync(string name, KernelSpecOptions settings, bool pin, CancellationToken cancellationToken) => AloneAsync(name, async () =>
    {
        if (_catalog.Find(name) is not null)
            return $"There is an environment {name} already.";
        bool? done = await _store.CreateAsync(new MadeEnvironment(name, settings, pin, null), _options.MaxPanelSpecs, cancellationToken);
        return done switch
        {
            true => null,
            false => $"There is an environment {name} already, hidden by one of the configuration or not readable; remove it first.",
            null => $"There are {_options.MaxPanelSpecs} environments made in the panel, as many as Kernels:MaxPanelSpecs allows.",
        };
    }, cancellationToken);

    /// <summary>Changes settings; what is pinned counts no more when the image is another.</summary>
    /// <returns>False when there is none of this name.</returns>
    public async Task<bool> ChangeAsync(string name, KernelSpecOptions settings, bool pin, CancellationToken cancellationToken) =>
        await AloneAsync(name, async () => Find(name) is { } before && await _store.ChangeAsync(
            new MadeEnvironment(name, settings, pin, pin && before.Settings.Image == settings.Image ? before.Pinned : null), cancellationToken)
            ? null
            : "", cancellationToken) is null;

    /// <summary>From now on kernels start from this image, whatever the tag stands for.</summary>
    /// <param name="image">The tag this was found out about: nothing is done when the environment has another by now.</param>
    public async Task<bool> PinAsync(string name, string image, string imageId, CancellationToken cancellationToken) =>
        await AloneAsync(name, async () => Find(name) is { Pin: true } before && before.Settings.Image == image && await _store.ChangeAsync(before with { Pinned = imageId }, cancellationToken)
            ? null
            : "", cancellationToken, forget: false) is null;

    /// <summary>False when there is none of this name; kernels that run in it run on.</summary>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) =>
        await AloneAsync(name, async () => await _store.DeleteAsync(name.ToLowerInvariant(), cancellationToken) ? null : "", cancellationToken) is null;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => LoadAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _one.Dispose();

    /// <param name="change">Null says that something was changed; anything else that nothing was.</param>
    /// <param name="forget">What was found out about its image counts no more.</param>
    private async Task<string?> AloneAsync(string name, Func<Task<string?>> change, CancellationToken cancellationToken, bool forget = true)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (await change() is { } refusal)
                return refusal;
            if (forget)
                _board.Forget(name);
            await LoadAsync(CancellationToken.None); // what is in the database is to be in memory, whoever leaves meanwhile
        }
        finally
        {
            _one.Release();
        }
        return null;
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, MadeEnvironment> made = [];
        foreach ((string name, MadeEnvironment? one, string? unreadable) in await _store.ListAsync(cancellationToken))
        {
            if (one is null)
                LogUnreadable(_logger, name, unreadable!);
            else
                made[name] = one;
        }
        Volatile.Write(ref _made, made);
        foreach (MadeEnvironment one in made.Values)
        {
            if (UnsoundnessOf(one) is { } problem)
                LogUnsound(_logger, one.Name, problem);
        }
        _catalog.SetPanel([.. made.Values.Where(one => one.Settings.Enabled && UnsoundnessOf(one) is null).Select(SpecOf)]);
    }

    private KernelSpec SpecOf(MadeEnvironment made) => ConfiguredKernelSpecs.Make(made.Name, made.Settings) with
    {
        Origin = KernelSpecOrigin.Panel,
        Image = HasContainers ? made.Settings.Image : null,
        Pinned = HasContainers && made.Pin ? made.Pinned : null,
    };

    private string? WhyLeftOut(MadeEnvironment made)
    {
        if (!made.Settings.Enabled)
            return "It is switched off.";
        return UnsoundnessOf(made) ?? (_catalog.Find(made.Name) is { Origin: not KernelSpecOrigin.Panel } ? "The configuration has an environment of this name, which counts." : null);
    }

    /// <summary>
    /// Rules may have changed since it was made, and so may the spawner: what cannot be used any more is offered to nobody. Directories come and go while
    /// the hub runs: they are looked at with the image.
    /// </summary>
    private string? UnsoundnessOf(MadeEnvironment made) => ConfiguredKernelSpecs.Problem(made.Name, made.Name, made.Settings, HasContainers);

    [LoggerMessage(804, LogLevel.Error, "The environment {Name} made in the panel cannot be read from the database and is left out: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string name, string problem);

    [LoggerMessage(805, LogLevel.Error, "The environment {Name} made in the panel is left out: {Problem}")]
    private static partial void LogUnsound(ILogger logger, string name, string problem);
}
