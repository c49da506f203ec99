using Microsoft.Extensions.Logging;
using Spawner.Docker.Warm;

namespace Spawner.Docker;

/// <summary>Starts from containers made ahead: 1. take one that fits, 2. note whose it is, 3. mount the home, 4. tell its program; meanwhile name and limits.</summary>
public sealed partial class DockerSpawner
{
    public int Ready => _pool.Ready;

    public string? FindProblem(SpawnRequest template) => _pool.FindProblem(template);

    public Task<bool> TendAsync(IReadOnlyList<WarmEnvironment> wanted, CancellationToken cancellationToken) => _pool.TendAsync(wanted, cancellationToken);

    /// <summary>Null when none fits, or it went wrong: then a container is made as ever, and whatever is wrong with the kernel itself shows there.</summary>
    private async Task<SpawnedKernel?> FromPoolAsync(SpawnRequest request, ContainerPlan plan, (int UserId, int GroupId) user, SpawnSteps steps, CancellationToken cancellationToken)
    {
        if (_pool.Ready == 0 || request.Purpose != SpawnPurpose.Kernel || request.UserId is null || WarmPlan.Problem(plan) is not null) return null;
        if ((await _engine.FindImageAsync(plan.Body.Image, cancellationToken))?.Id is not { } imageId) return null;
        // 1.
        if (_pool.Take(WarmPlan.ShapeOf(plan, _options.PoolModules), imageId) is not { } slot) return null;
        bool given = false;
        try
        {
            steps.Say(90, "Handing over a kernel that is ready");
            SpawnedKernel kernel = await HandOverAsync(slot, request, plan, user, cancellationToken);
            given = true;
            steps.Say(100, "The kernel is up");
            LogHandedOver(ShortId.Of(kernel.KernelId), ShortId.Of(slot.Container), request.KernelSpecName);
            return kernel;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotHandedOver(e, ShortId.Of(request.KernelId));
            return null;
        }
        finally
        {
            if (given) _pool.Release(slot);
            else await DiscardAsync(slot);
        }
    }

    private async Task<SpawnedKernel> HandOverAsync(WarmSlot slot, SpawnRequest request, ContainerPlan plan, (int UserId, int GroupId) user, CancellationToken cancellationToken)
    {
        // 2. From here on a hub that dies leaves a kernel or something to sweep, never a container nobody knows of.
        ContainerPlan mine = plan with { Body = plan.Body with { Labels = ContainerLabels.InSlot(plan.Body.Labels, slot.Id, slot.Plan.Name, slot.UserId) } };
        _places.Write(request.KernelId, new WarmRecord(slot.Id, slot.Container, mine.Body.Labels));
        // 3.
        await _places.MountAsync(slot.Id, request.UserName, request.HomeDirectory, user, slot.UserId, cancellationToken);
        // 4. The kernel is told to nobody before its limits hold.
        Task settled = SettleAsync(slot, plan);
        Task<SpawnedKernel> listening = ListenAsync(request, mine, slot.Container, slot.Channels, (slot.UserId, slot.UserId), slot.Death!, WarmPlan.HandOver(slot.Plan.Body, plan), cancellationToken);
        await Task.WhenAll(settled, listening);
        return await listening;
    }

    private async Task SettleAsync(WarmSlot slot, ContainerPlan plan)
    {
        if (WarmPlan.Difference(slot.Plan.Body.HostConfig, plan.Body.HostConfig) is { } limits) await _engine.UpdateAsync(slot.Container, limits, CancellationToken.None);
        await _engine.RenameAsync(slot.Container, plan.Name, CancellationToken.None);
    }

    private async Task DiscardAsync(WarmSlot slot)
    {
        try
        {
            await _pool.DiscardAsync(slot);
        }
        catch (EngineException e)
        {
            LogRemains(e, slot.Id);
        }
    }

    /// <summary>What the labels of a plain container say, for one made ahead; null when it is nobody's. Then it is removed, unless this process holds it.</summary>
    private async Task<IReadOnlyDictionary<string, string>?> OwnerOfAsync(string slot, EngineAnswers.Listed listed)
    {
        // In this order: whoever lets go of a slot has written its record before.
        if (_pool.Holds(slot)) return null;
        if (_places.FindBySlot(slot) is { } record && record.Container == listed.Id) return record.Labels;
        if (listed.State != "removing") await _pool.SweepAsync(slot, listed.Id);
        return null;
    }

    [LoggerMessage(2037, LogLevel.Information, "Kernel {KernelId} started in container {Container}, made ahead ({KernelSpec})")]
    private partial void LogHandedOver(string kernelId, string container, string kernelSpec);

    [LoggerMessage(2038, LogLevel.Warning, "Kernel {KernelId} could not have the container made ahead for it; it is started in a new one")]
    private partial void LogNotHandedOver(Exception exception, string kernelId);
}
