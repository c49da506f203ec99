namespace Spawner.Docker;

/// <summary>What a refusal of the engine means to the person waiting (pure). The engine's own words go to the operator.</summary>
internal static class StartFailure
{
    public static SpawnException Explain(EngineException refused, SpawnRequest request)
    {
        string name = request.KernelSpecName;
        string said = $"Kernelspec {name}: the Docker engine refused ({refused.Status}): {refused.Message}";
        if (refused.IsUnavailable) return Unavailable(refused);
        if (refused.IsNotFound && refused.Message.Contains("image", StringComparison.OrdinalIgnoreCase))
            return new SpawnException(SpawnFailure.ImageMissing, $"The image of the kernel \"{name}\" is not there. Tell the administrator of this hub.", said, refused);
        if (refused.Message.Contains("executable file not found", StringComparison.OrdinalIgnoreCase) || refused.Message.Contains("no such file or directory", StringComparison.OrdinalIgnoreCase) && refused.Message.Contains("exec", StringComparison.Ordinal))
            return new SpawnException(SpawnFailure.CommandNotFound, $"The image of the kernel \"{name}\" has no /bin/sh, which every kernel image needs. Tell the administrator of this hub.", said, refused);
        if (refused.Message.Contains("could not select device driver", StringComparison.Ordinal))
            return new SpawnException(SpawnFailure.InvalidRequest, $"The kernel \"{name}\" asks for a GPU, which this machine cannot give. Tell the administrator of this hub.", said, refused);
        if (refused.Status == 400)
            return new SpawnException(SpawnFailure.InvalidRequest, $"The kernel \"{name}\" asks for something this machine cannot give ({Topic(refused.Message)}). Tell the administrator of this hub.", said, refused);
        return new SpawnException(SpawnFailure.Unknown, $"The kernel \"{name}\" could not be started. Try again; if it happens again, tell the administrator of this hub.", said, refused);
    }

    public static SpawnException Unavailable(EngineException silent) => new(
        SpawnFailure.EngineUnavailable,
        "Kernels cannot be started right now, because what runs them does not answer. Try again in a minute; if it lasts, tell the administrator of this hub.",
        $"The Docker engine is not available: {silent.Message}",
        silent);

    /// <summary>Which of the things asked for it is about, without naming a path.</summary>
    private static string Topic(string message) => message switch
    {
        _ when message.Contains("CPU", StringComparison.Ordinal) => "processors",
        _ when message.Contains("emory", StringComparison.Ordinal) => "memory",
        _ when message.Contains("bind source path", StringComparison.Ordinal) || message.Contains("mount", StringComparison.OrdinalIgnoreCase) => "the home directory or a mount",
        _ when message.Contains("ulimit", StringComparison.OrdinalIgnoreCase) => "open files",
        _ when message.Contains("network", StringComparison.OrdinalIgnoreCase) => "network",
        _ => "its settings",
    };
}
