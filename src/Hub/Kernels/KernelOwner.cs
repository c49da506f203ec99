using Hub.Http;

namespace Hub.Kernels;

/// <summary>Whose kernel it is.</summary>
/// <param name="UserId">Row of the user; the uid of the home is derived from it.</param>
/// <param name="UserName">Normalised name.</param>
/// <param name="ServerName">Which of the user's servers it runs for; empty for the default one.</param>
public sealed record KernelOwner(long UserId, string UserName, string ServerName = "")
{
    public ServerKey Server => new(UserName, ServerName);
}
