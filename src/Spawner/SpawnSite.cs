using System.Security.Cryptography;

namespace Spawner;

/// <summary>Which hub a spawner works for and where it may keep what lives as long as a kernel.</summary>
/// <param name="HubId">Tells this hub's kernels from those of another hub on the same machine or engine; stable over restarts.</param>
/// <param name="RunDirectory">Absolute path of the hub's directory for sockets and state of running kernels.</param>
public sealed record SpawnSite(string HubId, string RunDirectory)
{
    /// <summary>
    /// Takes the hub's id from the file <c>hub-id</c> in the run directory, which is made when missing. The id is random, not made
    /// from the path: two hubs in containers both keep their data at the same path while sharing one engine.
    /// </summary>
    public static SpawnSite Open(string runDirectory)
    {
        string directory = Path.GetFullPath(runDirectory);
        Directory.CreateDirectory(directory);
        string file = Path.Combine(directory, "hub-id");
        for (; ; )
        {
            if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } id) return new SpawnSite(id, directory);
            string draft = $"{file}.{Environment.ProcessId}";
            File.WriteAllText(draft, RandomNumberGenerator.GetHexString(12, lowercase: true) + "\n");
            File.Move(draft, file, overwrite: true);
        }
    }
}
