namespace Spawner;

/// <summary>Identifiers as people see them in logs: the first 12 characters, as the Docker command line shows them.</summary>
public static class ShortId
{
    public static string Of(string id) => id.Length <= 12 ? id : id[..12];
}
