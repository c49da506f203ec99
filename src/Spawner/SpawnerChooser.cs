using Spawner.Docker;
using Spawner.Posix;

namespace Spawner;

/// <summary>Turns the setting <c>auto</c>, <c>docker</c> or <c>process</c> into a spawner.</summary>
public static class SpawnerChooser
{
    /// <summary>Asks the engine (at most two seconds) when the answer depends on it. An explicit choice is kept even when the engine is silent: it may come back.</summary>
    /// <exception cref="ArgumentException">The word is none of the three.</exception>
    public static SpawnerChoice Choose(string wanted, DockerOptions docker)
    {
        SpawnerChoice choice = ChooseKind(wanted, docker);
        return HubUser.IsRoot ? choice : choice with { Sentence = choice.Sentence + " The hub is not root, so all kernels run as its own user and are not walled off from it." };
    }

    private static SpawnerChoice ChooseKind(string wanted, DockerOptions docker)
    {
        switch (wanted.Trim().ToUpperInvariant())
        {
            case "PROCESS":
                return new(SpawnerKind.Process, "Kernels run as local processes, as set by Hub:Spawner.");
            case "DOCKER":
                return new(SpawnerKind.Container, EngineProbe.Ask(docker) is { } silent
                    ? $"Kernels run in Docker containers, as set by Hub:Spawner, but the engine does not answer: {silent}. Starts fail until it does."
                    : $"Kernels run in Docker containers ({EngineSocket.Find(docker).Path}), as set by Hub:Spawner.");
            case "AUTO":
                return EngineProbe.Ask(docker) is { } problem
                    ? new(SpawnerKind.Process, $"Kernels run as local processes, because no Docker engine answers: {problem}. Set Hub:Spawner=docker to insist on containers.")
                    : new(SpawnerKind.Container, $"Kernels run in Docker containers ({EngineSocket.Find(docker).Path}).");
            default:
                throw new ArgumentException($"Hub:Spawner is \"{wanted}\"; it must be auto, docker or process.", nameof(wanted));
        }
    }
}
