using System.Collections.Concurrent;

namespace Hub.KernelSpecs;

/// <summary>What is known of each environment, by name, in memory: written by whoever looks after images, read by lists, starts and the panel.</summary>
public sealed class EnvironmentBoard
{
    private readonly ConcurrentDictionary<string, EnvironmentState> _states = new(StringComparer.OrdinalIgnoreCase);

    public EnvironmentState Of(string name) => _states.GetValueOrDefault(name, EnvironmentState.Unknown);

    /// <summary>Notes what was found; returns what was known before.</summary>
    internal EnvironmentState Set(string name, EnvironmentState state)
    {
        EnvironmentState before = EnvironmentState.Unknown;
        _states.AddOrUpdate(name, state, (_, known) =>
        {
            before = known;
            return state;
        });
        return before;
    }

    /// <summary>What is known counts no more: the environment is another, or gone.</summary>
    internal void Forget(string name) => _states.TryRemove(name, out _);

    /// <summary>What the spawner is to start a kernel from.</summary>
    public string? ImageOf(KernelSpec spec) => spec.Pinned is null ? spec.Image : Of(spec.Name).ImageId ?? spec.Pinned;
}
