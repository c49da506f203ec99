namespace Spawner.Docker;

/// <summary>Body of <c>POST /volumes/create</c>; names are those of the wire.</summary>
internal sealed record VolumeBody
{
    public required string Name { get; init; }

    public string Driver { get; init; } = "local";

    public required IReadOnlyDictionary<string, string> DriverOpts { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }
}
