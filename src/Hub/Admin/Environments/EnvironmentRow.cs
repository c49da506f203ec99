namespace Hub.Admin.Environments;

/// <summary>One environment as the panel and the API show it. A row that is the same as what a panel has is not sent again.</summary>
/// <param name="Id">Its name, in lower case.</param>
/// <param name="Origin"><c>configuration</c>, <c>installed</c> or <c>panel</c>; only the last can be changed here.</param>
/// <param name="State"><c>unknown</c>, <c>preparing</c>, <c>ready</c>, <c>broken</c>, or <c>off</c> for one that nobody is offered.</param>
/// <param name="Percent">Of a pull or build under way.</param>
/// <param name="Message">The step of a pull or build, or what is wrong and what to do; empty when all is well.</param>
/// <param name="ImageId">Id of the image kernels start from.</param>
/// <param name="Pinned">Kernels stay with that image, wherever the tag points.</param>
/// <param name="Moved">The tag stands for another image than the one that is pinned.</param>
/// <param name="Mounts">How many directories of the machine its kernels see beside the home.</param>
public sealed record EnvironmentRow(
    string Id,
    string DisplayName,
    string Language,
    string Origin,
    string State,
    int Percent,
    string Message,
    string? Image,
    string? ImageId,
    bool Pinned,
    bool Moved,
    IReadOnlyList<string> Groups,
    string? Network,
    string? Gpus,
    int Mounts,
    long? MemoryBytes,
    double? Cpus,
    long? Processes,
    long? OpenFiles,
    long? SharedMemoryBytes,
    long? TemporaryBytes)
{
    /// <summary>Equal in everything, the groups one by one.</summary>
    public bool IsSameAs(EnvironmentRow other) => this with { Groups = other.Groups } == other && Groups.SequenceEqual(other.Groups, StringComparer.Ordinal);
}
