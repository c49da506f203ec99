using System.Collections.Immutable;
using Hub.KernelSpecs;

namespace Hub.Admin.Environments;

/// <summary>All environments as rows, those that nobody is offered included; everything is in memory.</summary>
internal sealed class EnvironmentRows(KernelSpecCatalog catalog, EnvironmentBoard board, PanelEnvironments panel)
{
    /// <summary>By name; rows that are the same as in <paramref name="before"/> are the same objects.</summary>
    public IReadOnlyDictionary<string, EnvironmentRow> Take(IReadOnlyDictionary<string, EnvironmentRow>? before)
    {
        ImmutableSortedDictionary<string, EnvironmentRow>.Builder rows = ImmutableSortedDictionary.CreateBuilder<string, EnvironmentRow>(StringComparer.Ordinal);
        foreach (KernelSpec spec in catalog.List())
            rows[spec.Name] = Row(spec, board.Of(spec.Name));
        foreach ((string name, string why) in panel.LeftOut)
        {
            // One that the configuration hides shares its name with the one that counts.
            if (panel.Find(name) is { } made && !rows.ContainsKey(name))
                rows[name] = Row(LeftOutSpec(made), new EnvironmentState(EnvironmentPhase.Unknown, Message: why)) with { State = "off" };
        }
        foreach ((string name, EnvironmentRow row) in before ?? ImmutableDictionary<string, EnvironmentRow>.Empty)
        {
            if (rows.TryGetValue(name, out EnvironmentRow? now) && now.IsSameAs(row))
                rows[name] = row;
        }
        return rows.ToImmutable();
    }

    public EnvironmentRow? Find(string name) => Take(null).GetValueOrDefault(name.ToLowerInvariant());

    /// <summary>What can be shown of one whose settings may be wrong by now.</summary>
    private static KernelSpec LeftOutSpec(MadeEnvironment made) => new()
    {
        Name = made.Name,
        DisplayName = made.Settings.DisplayName.Length > 0 ? made.Settings.DisplayName : made.Name,
        Language = made.Settings.Language,
        Argv = made.Settings.Argv,
        Image = made.Settings.Image.Length > 0 ? made.Settings.Image : null,
        Pinned = made.Pinned,
        Groups = made.Settings.Groups,
        Origin = KernelSpecOrigin.Panel,
    };

    private static EnvironmentRow Row(KernelSpec spec, EnvironmentState state) => new(
        spec.Name, spec.DisplayName, spec.Language, spec.Origin.ToString().ToLowerInvariant(), state.Phase.ToString().ToLowerInvariant(), state.Percent, state.Message, spec.Image,
        state.ImageId ?? spec.Pinned, spec.Pinned is not null, spec.Pinned is not null && state.HasMoved, spec.Groups, spec.Network, spec.Gpus, spec.Mounts.Count,
        spec.Limits.MemoryBytes, spec.Limits.Cpus, spec.Limits.Processes, spec.Limits.OpenFiles, spec.Limits.SharedMemoryBytes, spec.Limits.TemporaryBytes);
}
