using System.Security.Cryptography;
using Spawner.Posix;

namespace Spawner.Docker.Warm;

/// <summary>What making containers ahead needs of the hub's machine, tried out.</summary>
public static class WarmNeeds
{
    /// <summary>Null when all is there, else what is missing, as part of a sentence. Mounts and unmounts something for it; whether the engine sees the hub's mounts shows at the first container.</summary>
    /// <param name="options">The engine's.</param>
    /// <param name="site">The hub's.</param>
    /// <param name="homes">Directory of the homes, whose file system must be able to show them to another user id.</param>
    /// <param name="cancellationToken">The hub does not wait any longer.</param>
    public static async Task<string?> ProblemAsync(DockerOptions options, SpawnSite site, string homes, CancellationToken cancellationToken)
    {
        if (!HubUser.IsRoot) return "the hub is not root, and only root may mount a home into a container that runs (CAP_SYS_ADMIN)";
        if (options.Channels == "directory") return "Docker:Channels is \"directory\"; containers made ahead have their sockets in volumes";
        if (options.Network != "none") return $"Docker:Network is \"{options.Network}\"; a container made ahead has no network and cannot get one later";
        string slot = "try" + RandomNumberGenerator.GetHexString(8, lowercase: true);
        string home = Path.Combine(homes, "%" + slot);
        WarmPlaces places = new(site);
        try
        {
            Directory.CreateDirectory(home);
            places.Make(slot);
            await places.MountAsync(slot, "nobody", home, (HubUser.UserId, HubUser.GroupId), options.PoolFirstUserId, cancellationToken);
            return null;
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return missing.Message;
        }
        finally
        {
            try
            {
                places.Remove(slot);
                Directory.Delete(home);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next list of kernels sweeps the mount; an empty directory among the homes is nobody's.
            }
        }
    }
}
