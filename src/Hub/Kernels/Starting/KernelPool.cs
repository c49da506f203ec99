using Hub.KernelSpecs;
using Hub.Storage;
using Microsoft.Extensions.Options;
using Spawner;
using Spawner.Docker;
using Spawner.Docker.Warm;

namespace Hub.Kernels.Starting;

/// <summary>
/// Keeps kernels ready for the kernelspecs that ask for it (<c>Pool</c>), one after the other, and only while nobody waits for a kernel of their own and memory is
/// free. A machine that cannot do it stops the hub's start with the reason: a setting that does nothing would be noticed in the middle of a class.
/// </summary>
internal sealed partial class KernelPool(ISpawner spawner, SpawnerChoice choice, KernelSpecCatalog specs, EnvironmentBoard environments, IKernelDemand demand, StartQueue starts, SpawnSite site, DataLayout layout, IOptions<DockerOptions> docker, TimeProvider time, ILogger<KernelPool> logger)
    : BackgroundService, IKernelsAhead
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>After a failure that has no name.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(30);

    /// <summary>Kernels that are ready for somebody.</summary>
    public int Ready => (spawner as IKernelWarmer)?.Ready ?? 0;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (choice.Kind == SpawnerKind.Container && specs.List().FirstOrDefault(spec => spec is { Pool: > 0, Origin: KernelSpecOrigin.Configuration }) is { } pooled
            && await WarmNeeds.ProblemAsync(docker.Value, site, layout.Homes, cancellationToken) is { } problem)
        {
            string sentence = $"{KernelSpecsOptions.Section}:Specs:{pooled.Name}:Pool is {pooled.Pool}, but kernels cannot be made ahead here: {problem}.";
            throw new OptionsValidationException(KernelSpecsOptions.Section, typeof(KernelSpecsOptions), [sentence]);
        }
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the hub lets people in meanwhile
        if (spawner is not IKernelWarmer warmer)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan wait = s_look;
            try
            {
                if (starts.IsQuiet && await warmer.TendAsync(await WantedAsync(stoppingToken), stoppingToken))
                    wait = TimeSpan.Zero;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(logger, e, s_rest.TotalSeconds);
                wait = s_rest;
            }

            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, stoppingToken);
        }
    }

    /// <inheritdoc/>
    public async Task<string?> FindProblemAsync(KernelSpec spec, CancellationToken cancellationToken)
    {
        if (choice.Kind != SpawnerKind.Container || spawner is not IKernelWarmer warmer)
            return "its kernels are no containers";
        return warmer.FindProblem(KernelStarter.TemplateOf(spec, environments.ImageOf(spec))) ?? await WarmNeeds.ProblemAsync(docker.Value, site, layout.Homes, cancellationToken);
    }

    private async Task<WarmEnvironment[]> WantedAsync(CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, int> more = await demand.FindAsync(cancellationToken);
        return [.. specs.List()
            .Select(spec => new WarmEnvironment(KernelStarter.TemplateOf(spec, environments.ImageOf(spec)), spec.Pool + more.GetValueOrDefault(spec.Name)))
            .Where(environment => environment.Count > 0)];
    }

    [LoggerMessage(1248, LogLevel.Error, "Making kernels ahead failed within the hub; kernels start without, and it is tried again in {Seconds} s")]
    private static partial void LogFailed(ILogger logger, Exception exception, double seconds);
}
