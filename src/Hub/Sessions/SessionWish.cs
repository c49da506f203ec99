namespace Hub.Sessions;

/// <summary>What a client says of a session; nulls are not said.</summary>
/// <param name="KernelId">Attach to this kernel, or start one under this id.</param>
public sealed record SessionWish(string? Path, string? Name, string? Type, string? KernelId, string? KernelName);
