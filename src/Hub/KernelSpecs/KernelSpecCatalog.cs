using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>
/// The kernelspecs people may start: for containers those of <c>Kernels:Specs</c>, for local processes those that Jupyter has installed on this machine.
/// </summary>
public sealed partial class KernelSpecCatalog
{
    private readonly KernelSpecsOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<IReadOnlyList<KernelSpec>>? _read;
    private readonly Lock _gate = new();
    private IReadOnlyList<KernelSpec> _specs;
    private IReadOnlyList<KernelSpec> _panel = [];
    private long _readAt;

    public KernelSpecCatalog(IOptions<KernelSpecsOptions> options, SpawnerChoice choice, TimeProvider time, ILogger<KernelSpecCatalog> logger)
    {
        _options = options.Value;
        _time = time;
        if (choice.Kind == SpawnerKind.Process)
        {
            InstalledKernelSpecs installed = new(
                () => KernelSpecDirectories.Find(Environment.GetEnvironmentVariable), _options.MaxSpecFileBytes, logger);
            _read = () => [.. installed.Read().Select(OfInstalled).OfType<KernelSpec>()];
            _specs = _read();
            foreach (string unused in _options.Specs.Where(entry => entry.Value.Image.Length > 0).Select(entry => entry.Key))
                LogImageUnused(logger, unused);
        }
        else
        {
            _specs = ConfiguredKernelSpecs.Read(_options);
        }
        _readAt = time.GetTimestamp();
        if (_specs.Count == 0)
            LogNone(logger);
    }

    /// <summary>Name of the kernelspec used when a request names none, were all of them to choose from.</summary>
    public string DefaultName => DefaultOf(List());

    /// <summary>Name of the kernelspec used when a request names none, among those somebody may use.</summary>
    public string DefaultOf(IReadOnlyList<KernelSpec> specs) =>
        specs.Any(spec => Matches(spec, _options.DefaultSpec)) || specs.Count == 0 ? _options.DefaultSpec.ToLowerInvariant() : specs[0].Name;

    /// <summary>All kernelspecs, by name. Answered from memory; what lies on disk is read again at most every few seconds.</summary>
    public IReadOnlyList<KernelSpec> List()
    {
        IReadOnlyList<KernelSpec> panel = Volatile.Read(ref _panel);
        IReadOnlyList<KernelSpec> found = Found();
        // What the operator wrote or installed wins over a name given in the panel before.
        return panel.Count == 0
            ? found
            : [.. found.Concat(panel.Where(made => !found.Any(spec => Matches(spec, made.Name)))).OrderBy(spec => spec.Name, StringComparer.Ordinal)];
    }

    /// <summary>From now on these are the environments made in the panel.</summary>
    internal void SetPanel(IReadOnlyList<KernelSpec> made) => Volatile.Write(ref _panel, made);

    private IReadOnlyList<KernelSpec> Found()
    {
        if (_read is null || _time.GetElapsedTime(Interlocked.Read(ref _readAt)).TotalSeconds < _options.RereadSeconds)
            return _specs;
        lock (_gate)
        {
            // Several may have waited for the lock; only the first reads.
            if (_time.GetElapsedTime(_readAt).TotalSeconds >= _options.RereadSeconds)
            {
                _specs = _read();
                Interlocked.Exchange(ref _readAt, _time.GetTimestamp());
            }
            return _specs;
        }
    }

    /// <summary>One by its name, compared without case as Jupyter Server does; null when there is none.</summary>
    public KernelSpec? Find(string name) => List().FirstOrDefault(spec => Matches(spec, name));

    /// <summary>An installed kernelspec with what the settings say about one of its name; null when they hide it.</summary>
    private KernelSpec? OfInstalled(KernelSpec spec)
    {
        KernelSpecOptions? said = _options.Specs.FirstOrDefault(entry => Matches(spec, entry.Key)).Value;
        return said is { Enabled: false } ? null : spec with { Groups = said?.Groups ?? [], Origin = KernelSpecOrigin.Installed };
    }

    private static bool Matches(KernelSpec spec, string name) => spec.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(802, LogLevel.Information, "Kernels are local processes, so of Kernels:Specs:{Name} only Enabled and Groups count, and only where a kernelspec of this name is installed")]
    private static partial void LogImageUnused(ILogger logger, string name);

    [LoggerMessage(801, LogLevel.Warning, "There is no kernelspec, so nobody can start a kernel. Install one (python3-ipykernel) or set Kernels:Specs.")]
    private static partial void LogNone(ILogger logger);
}
