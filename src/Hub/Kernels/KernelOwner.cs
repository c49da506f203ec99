namespace Hub.Kernels;

/// <summary>Whose kernel it is.</summary>
/// <param name="UserId">Row of the user; the uid of the home is derived from it.</param>
/// <param name="UserName">Normalised name.</param>
public sealed record KernelOwner(long UserId, string UserName);
