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
    private long _readAt;

    public KernelSpecCatalog(IOptions<KernelSpecsOptions> options, SpawnerChoice choice, TimeProvider time, ILogger<KernelSpecCatalog> logger)
    {
        _options = options.Value;
        _time = time;
        if (choice.Kind == SpawnerKind.Process)
        {
            InstalledKernelSpecs installed = new(
                () => KernelSpecDirectories.Find(Environment.GetEnvironmentVariable), _options.MaxSpecFileBytes, logger);
            _read = installed.Read;
            _specs = installed.Read();
        }
        else
        {
            _specs = ConfiguredKernelSpecs.Read(_options);
        }
        _readAt = time.GetTimestamp();
        if (_specs.Count == 0)
            LogNone(logger);
    }

    /// <summary>Name of the kernelspec used when a request names none.</summary>
    public string DefaultName
    {
        get
        {
            IReadOnlyList<KernelSpec> specs = List();
            return specs.Any(spec => Matches(spec, _options.DefaultSpec)) || specs.Count == 0 ? _options.DefaultSpec.ToLowerInvariant() : specs[0].Name;
        }
    }

    /// <summary>All kernelspecs, by name. Answered from memory; what lies on disk is read again at most every few seconds.</summary>
    public IReadOnlyList<KernelSpec> List()
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

    private static bool Matches(KernelSpec spec, string name) => spec.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(801, LogLevel.Warning, "There is no kernelspec, so nobody can start a kernel. Install one (python3-ipykernel) or set Kernels:Specs.")]
    private static partial void LogNone(ILogger logger);
}
