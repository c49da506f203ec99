using System.Collections.Immutable;
using Hub.Admin.Environments;
using Hub.Admin.Walls;

namespace Hub.Admin;

/// <summary>Everything panels show live, at one moment. Never changed: a panel is told the difference between two of them.</summary>
public sealed record AdminSnapshot(Overview Overview, IReadOnlyDictionary<string, KernelRow> Kernels)
{
    /// <summary>Started servers by <see cref="ServerRow.Id"/>.</summary>
    public IReadOnlyDictionary<string, ServerRow> Servers { get; init; } = ImmutableDictionary<string, ServerRow>.Empty;

    /// <summary>Environments by name; null while nobody looks at them.</summary>
    public IReadOnlyDictionary<string, EnvironmentRow>? Environments { get; init; }

    /// <summary>People who made an account and wait for approval; 0 while nobody looks who may decide about them.</summary>
    public int SignUps { get; init; }

    /// <summary>By user, the groups of people whom an open panel reaches by a group, as far as those groups.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Memberships { get; init; } = ImmutableDictionary<string, IReadOnlyList<string>>.Empty;

    /// <summary>The walls somebody looks at: by class, the tiles by student.</summary>
    public IReadOnlyDictionary<long, IReadOnlyDictionary<string, WallTile>> Walls { get; init; } = ImmutableDictionary<long, IReadOnlyDictionary<string, WallTile>>.Empty;
}
