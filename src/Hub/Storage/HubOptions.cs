namespace Hub.Storage;

/// <summary>Section <c>Hub</c>: what the whole hub needs to know.</summary>
public sealed record HubOptions
{
    public const string Section = "Hub";

    /// <summary>Where the hub keeps everything; relative paths start at the working directory.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>What starts kernels: <c>auto</c> (Docker if its socket answers, else local processes), <c>docker</c> or <c>process</c>.</summary>
    public string Spawner { get; init; } = "auto";

    /// <summary>API token of the user <c>admin</c>, for automation; also read from <c>HUB_ADMIN_TOKEN</c>. At least 16 characters.</summary>
    public string? AdminToken { get; init; }
}
