using System.Text;
using Spawner.Docker.Warm;
using Spawner.Posix;

namespace Spawner.Docker;

/// <summary>How hub and kernel meet: the last part of a start, the same for a new container and for one made ahead.</summary>
public sealed partial class DockerSpawner
{
    /// <summary>Hands the connection file over, waits for the five sockets and takes their directory away from the kernel.</summary>
    private async Task<SpawnedKernel> ListenAsync(SpawnRequest request, ContainerPlan plan, string container, string channels, (int UserId, int GroupId) user, Task<ContainerDeath> death, byte[]? handOver, CancellationToken cancellationToken)
    {
        (int seconds, string option) = handOver is null ? (_options.StartTimeoutSeconds, "Docker:StartTimeoutSeconds") : (_options.PoolHandOverSeconds, "Docker:PoolHandOverSeconds");
        using SharedDirectory shared = SharedDirectory.Open(channels);
        // The volume is mounted while the container runs; beneath the mount lies an empty directory of root's.
        if (plan.Volume is not null && shared.Owner != user.UserId)
        {
            if (death.IsCompleted) throw await EndedAsync(request, container, death, cancellationToken);
            throw new IOException($"{channels} is not the volume of the kernel; the hub and the Docker engine must see the same file systems (or set Docker:Channels=directory)");
        }
        using SharedDirectory kernels = shared.CreateInside(ConnectionFile.Folder, user.UserId, user.GroupId);
        foreach ((string name, string content) in request.Files) kernels.Write(name, Encoding.UTF8.GetBytes(content), user.UserId, user.GroupId);
        if (handOver is not null) kernels.Write(WarmPlan.HandOverFile, handOver, user.UserId, user.GroupId);
        kernels.Write(ConnectionFile.Name, ConnectionFile.Write(ContainerPlan.Channels, request.Key, request.KernelSpecName), user.UserId, user.GroupId);
        if (handOver is not null) shared.Ring(WarmPlan.Bell, user.UserId);

        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(seconds), _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (!shared.HoldsSockets(ConnectionFile.SocketNamesOf(request.Purpose), user.UserId))
            {
                if (death.IsCompleted) throw await EndedAsync(request, container, death, cancellationToken);
                await Task.Delay(LookForSockets, _time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The engine's events may be away; the container itself is the truth.
            if (await _engine.InspectAsync(container, CancellationToken.None) is { } state && ContainerExit.HasEnded(state)) throw await EndedAsync(request, container, death, CancellationToken.None);
            throw EarlyEnd.TooSlow(request, seconds, option, await _engine.ReadLogAsync(container, LogTail.ExitBytes, RequestTimeout, CancellationToken.None));
        }
        shared.Seal(user.GroupId);
        if (!shared.HoldsSockets(ConnectionFile.SocketNamesOf(request.Purpose), user.UserId)) throw await EndedAsync(request, container, death, cancellationToken);
        // The program that waited removed both; here it is made sure of, where it can no longer be undone.
        shared.Remove(WarmPlan.Bell);
        kernels.Remove(WarmPlan.HandOverFile);
        return ContainerLabels.Read(container, plan.Body.Labels, ConnectionFile.Endpoint(Reachable(request.KernelId, channels), request.Key));
    }

    /// <summary>The directory itself, or a short way to it where the paths of its sockets would be too long.</summary>
    private string Reachable(string kernelId, string channels)
    {
        if (ShortDirectory.Fits(channels)) return channels;
        string link = Path.Combine(ShortDirectory.Open(_site), ChannelPlaces.NameFor(kernelId));
        if (new DirectoryInfo(link).LinkTarget == channels) return link;
        File.Delete(link);
        File.CreateSymbolicLink(link, channels);
        return link;
    }

    private async Task<SpawnException> EndedAsync(SpawnRequest request, string container, Task<ContainerDeath> death, CancellationToken cancellationToken)
    {
        string log = await _engine.ReadLogAsync(container, LogTail.ExitBytes, RequestTimeout, cancellationToken);
        ContainerDeath? how = death.IsCompletedSuccessfully ? await death : null;
        KernelExit exit = ContainerExit.Read(await _engine.InspectAsync(container, cancellationToken), how, stopped: false, log)
            ?? new KernelExit(KernelExitCause.Exited, null, null, log);
        return EarlyEnd.Explain(request, exit);
    }
}
