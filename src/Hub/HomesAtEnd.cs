using Hub.Contents.Quotas;
using Hub.Kernels;
using Microsoft.Extensions.Options;

namespace Hub;

/// <summary>Where kernels end with the hub (<c>Kernels:StopOnExit</c>), their homes are unmounted after them; otherwise mounts stay, as kernels do.</summary>
internal sealed class HomesAtEnd(HomesRest homes, IOptions<KernelsOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => options.Value.StopOnExit ? homes.UnmountAllAsync(cancellationToken) : Task.CompletedTask;
}
