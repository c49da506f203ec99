using System.Globalization;

namespace Spawner;

/// <summary>A kernel that was started and may still run; enough to find it again after a restart of the hub.</summary>
/// <param name="KernelId">The id the hub chose.</param>
/// <param name="Handle">The spawner's own name for it: container id, pid.</param>
/// <param name="Endpoint">Where it listens.</param>
/// <param name="InterruptMode">As the kernelspec said.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="Labels">What <see cref="SpawnRequest.Labels"/> said, plus <see cref="SpawnLabels"/>.</param>
public sealed record SpawnedKernel(
    string KernelId,
    string UserName,
    string KernelSpecName,
    string Handle,
    KernelEndpoint Endpoint,
    InterruptMode InterruptMode,
    DateTimeOffset StartedAt,
    IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>Kernel or terminal.</summary>
    public SpawnPurpose Purpose => SpawnLabels.PurposeOf(Labels);

    /// <summary>Bytes of memory it is held to since it was started; null where its spawner holds it to none, or did not say.</summary>
    public long? MemoryLimit =>
        long.TryParse(Labels.GetValueOrDefault(SpawnLabels.Memory), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;
}
