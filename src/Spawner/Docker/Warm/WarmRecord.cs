using System.Text.Json;

namespace Spawner.Docker.Warm;

/// <summary>
/// Whose kernel a container is that was made ahead: labels cannot change, so what a plain start writes into them is kept here, written before anything is handed
/// over. In the hub's own directory, where no kernel reaches.
/// </summary>
/// <param name="Slot">Id of the place.</param>
/// <param name="Container">The engine's id of the container.</param>
/// <param name="Labels">Those of a plain start, with the user id the kernel really has.</param>
internal sealed record WarmRecord(string Slot, string Container, IReadOnlyDictionary<string, string> Labels)
{
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Null when it is none, or half of one.</summary>
    public static WarmRecord? Read(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize<WarmRecord>(content) is { Slot: not null, Container: not null, Labels: not null } record ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
