using Hub.KernelSpecs;
using Microsoft.Extensions.Options;
using Spawner;
using Spawner.Docker;

namespace Hub.Kernels.Starting;

/// <summary>
/// Has the network <c>internet</c> looked after for as long as the hub runs: at its start before kernels are taken over, and every <c>Docker:Internet:CheckSeconds</c>. A
/// machine that cannot keep such a network stops the start of a hub whose configuration asks for it; what happens later makes the environments broken, in the panel
/// within one look, and starts in them are refused by the spawner itself in the same moment.
/// </summary>
internal sealed partial class InternetWatch(
    ISpawner spawner, KernelSpecCatalog specs, ImagePreparation images, IOptions<KernelsOptions> kernels, TimeProvider time, ILogger<InternetWatch> logger) : BackgroundService, IInternetNeeds
{
    private string? _problem;
    private bool _looked;

    private IInternetNetwork? Network => spawner as IInternetNetwork;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Network is { } network && specs.List().FirstOrDefault(spec => spec.Origin == KernelSpecOrigin.Configuration && network.IsMeantBy(spec.Network)) is { } asks
            && await network.FindNeedAsync(cancellationToken) is { } missing)
        {
            string key = asks.Network is null ? $"{DockerOptions.Section}:{nameof(DockerOptions.Network)}" : $"{KernelSpecsOptions.Section}:Specs:{asks.Name}:{nameof(KernelSpec.Network)}";
            throw new OptionsValidationException(KernelSpecsOptions.Section, typeof(KernelSpecsOptions), [$"{key} is \"{IInternetNetwork.Word}\", which this machine cannot keep: {missing}."]);
        }
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<string?> FindProblemAsync(string network, CancellationToken cancellationToken)
    {
        if (network != IInternetNetwork.Word)
            return null;
        return Network is { } made ? await made.FindNeedAsync(cancellationToken) : $"kernels of the {spawner.Name} spawner have no networks";
    }

    /// <summary>After the kernels: those that end with the hub leave nothing behind, others keep what guards them.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!kernels.Value.StopOnExit || Network is not { } network)
            return;
        try
        {
            await network.RemoveAsync(cancellationToken);
        }
        catch (SpawnException away)
        {
            LogNotRemoved(logger, away.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the hub lets people in meanwhile
        if (Network is not { } network)
            return;
        for (; ; )
        {
            try
            {
                await LookAsync(network, stoppingToken);
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                LogBroken(logger, broken);
            }
            await Task.Delay(network.CheckEvery, time, stoppingToken);
        }
    }

    private async Task LookAsync(IInternetNetwork network, CancellationToken cancellationToken)
    {
        KernelSpec[] concerned = [.. specs.List().Where(spec => network.IsMeantBy(spec.Network))];
        string? problem = await network.TendAsync(concerned.Length > 0, cancellationToken);
        bool isNews = problem != _problem && (_looked || problem is not null);
        (_problem, _looked) = (problem, true);
        if (!isNews)
            return;
        if (problem is null)
            LogMended(logger);
        else
            LogProblem(logger, problem);
        foreach (KernelSpec spec in concerned)
            images.Begin(spec, again: false);
    }

    [LoggerMessage(1280, LogLevel.Error, "No kernel is started with the network internet: {Problem}")]
    private static partial void LogProblem(ILogger logger, string problem);

    [LoggerMessage(1281, LogLevel.Information, "Kernels can be started with the network internet again")]
    private static partial void LogMended(ILogger logger);

    [LoggerMessage(1282, LogLevel.Warning, "The network internet could not be removed with its kernels: {Why}. The next start of the hub does it")]
    private static partial void LogNotRemoved(ILogger logger, string why);

    [LoggerMessage(1283, LogLevel.Error, "A look at the network internet failed within the hub; the next one comes, and starts look for themselves")]
    private static partial void LogBroken(ILogger logger, Exception broken);
}
