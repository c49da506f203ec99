using System.Globalization;

namespace Spawner.Docker;

/// <summary>Says how a container's kernel ended, from what is known of it (pure).</summary>
internal static class ContainerExit
{
    private const int Killed = 137;
    private const int Terminated = 143;

    /// <summary>The engine's own clock and the order of its steps, not the kernel's: it stops containers before it closes its streams.</summary>
    private static readonly TimeSpan BeforeItLeft = TimeSpan.FromSeconds(15);

    /// <param name="state">What inspecting says; null when the container is gone.</param>
    /// <param name="death">What the events said, if they were heard.</param>
    /// <param name="stopped">Whether the hub stopped it.</param>
    /// <returns>Null while it runs.</returns>
    public static KernelExit? Read(EngineAnswers.ContainerState? state, ContainerDeath? death, bool stopped, string logTail)
    {
        if (state is not null && !HasEnded(state)) return null;
        if (stopped) return new KernelExit(KernelExitCause.Stopped, null, null, logTail);
        // "docker rm -f" kills first: such an end is no signal but a removal.
        if (state is null or { Status: "removing" }) return new KernelExit(KernelExitCause.Removed, null, null, logTail);
        if (state.ExitCode == Killed && (death?.OutOfMemory ?? state.OOMKilled)) return new KernelExit(KernelExitCause.OutOfMemory, state.ExitCode, 9, logTail);
        KernelExit exit = ExitStatus.Read(state.ExitCode, logTail);
        return EndedWithEngine(state, death) ? exit with { Cause = KernelExitCause.EngineStopped } : exit;
    }

    /// <summary>SIGTERM or SIGKILL, since the engine left: nobody but the engine is likely to have sent it.</summary>
    private static bool EndedWithEngine(EngineAnswers.ContainerState state, ContainerDeath? death) =>
        death?.EngineLeftAt is { } left && state.ExitCode is Terminated or Killed
        && DateTimeOffset.TryParse(state.FinishedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset ended) && ended >= left - BeforeItLeft;

    public static bool HasEnded(EngineAnswers.ContainerState state) => state.Status is "exited" or "dead" or "removing";
}
