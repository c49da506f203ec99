using Hub.Accounts;
using Hub.Servers;
using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.Kernels;

/// <summary>
/// The hub's coming and going, as kernels see it. Before people are let in, what still runs is taken over under the same ids; when the hub
/// ends, tabs are told to come back, and kernels run on.
/// </summary>
internal sealed partial class KernelAdoption(ISpawner spawner, SpawnerChoice choice, KernelRegistry kernels, AccountsStore accounts, ServerRegistry servers, IOptions<KernelsOptions> options, TimeProvider time, ILogger<KernelAdoption> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private Task _retry = Task.CompletedTask;

    public void Dispose() => _over.Dispose();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LogChoice(logger, choice.Sentence);
        if (!await AdoptAllAsync(cancellationToken))
            _retry = RetryAsync();
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Before the server closes: its own close code would tell front ends to stay away.
        kernels.CloseAllTabs();
        for (int waited = 0; waited < 40 && kernels.OpenSockets > 0; waited++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _over.CancelAsync();
        await _retry;
        await kernels.EndAsync();
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes over whatever runs; false when the spawner cannot tell.</summary>
    private async Task<bool> AdoptAllAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<SpawnedKernel> running;
        try
        {
            running = await spawner.ListAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogCannotList(logger, e, spawner.Name, options.Value.AdoptRetryAfter.TotalSeconds);
            return false;
        }

        foreach (SpawnedKernel spawned in running.Where(one => one.Purpose == SpawnPurpose.Kernel))
        {
            KernelOwner? owner = await accounts.FindAsync(spawned.UserName, cancellationToken) is { } user
                ? new KernelOwner(user.Id, user.Name, spawned.Labels.GetValueOrDefault(KernelStarter.ServerLabel, ""))
                : null;
            // A named server that is gone can come back for nobody: nobody could reach the kernel, or end it.
            if (owner is not null && (owner.Server.IsDefault || servers.Has(owner.Server)))
                _ = AdoptAsync(spawned, owner);
            else
                _ = StopOrphanAsync(spawned);
        }

        kernels.IsComplete = true;
        return true;
    }

    /// <summary>An engine that is down must not keep people from their files, and its kernels come back with it.</summary>
    private async Task RetryAsync()
    {
        try
        {
            do
                await Task.Delay(options.Value.AdoptRetryAfter, time, _over.Token);
            while (!await AdoptAllAsync(_over.Token));
        }
        catch (OperationCanceledException)
        {
            // The hub ends.
        }
    }

    private async Task AdoptAsync(SpawnedKernel spawned, KernelOwner owner)
    {
        try
        {
            // Its place in the registry is taken at once; that it answers is not waited for here, one busy kernel must not delay the start.
            await kernels.AdoptAsync(spawned, owner);
        }
        catch (OperationCanceledException)
        {
            // Stopped while it was being taken over.
        }
        catch (Exception e)
        {
            LogCannotAdopt(logger, e, spawned.KernelId, spawned.UserName);
        }
    }

    private async Task StopOrphanAsync(SpawnedKernel spawned)
    {
        LogOrphan(logger, spawned.KernelId, spawned.UserName);
        try
        {
            await spawner.StopAsync(spawned, options.Value.StopGrace, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogCannotAdopt(logger, e, spawned.KernelId, spawned.UserName);
        }
    }

    [LoggerMessage(1243, LogLevel.Information, "{Sentence}")]
    private static partial void LogChoice(ILogger logger, string sentence);

    [LoggerMessage(1240, LogLevel.Error, "The {Spawner} spawner cannot tell which kernels still run; it is asked again in {Seconds} s")]
    private static partial void LogCannotList(ILogger logger, Exception e, string spawner, double seconds);

    [LoggerMessage(1241, LogLevel.Error, "Kernel {KernelId} of {UserName} runs but cannot be taken over")]
    private static partial void LogCannotAdopt(ILogger logger, Exception e, string kernelId, string userName);

    [LoggerMessage(1242, LogLevel.Warning, "Kernel {KernelId} belongs to {UserName}, who has no account or not that server any more: it is stopped")]
    private static partial void LogOrphan(ILogger logger, string kernelId, string userName);
}
