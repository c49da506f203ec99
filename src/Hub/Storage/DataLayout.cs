namespace Hub.Storage;

/// <summary>What lies where in the data directory. Deleting the directory resets the hub; copying it while stopped is a backup.</summary>
/// <param name="Root">Absolute path.</param>
public sealed record DataLayout(string Root)
{
    public string Database => Path.Combine(Root, "hub.db");

    /// <summary>One directory per user.</summary>
    public string Homes => Path.Combine(Root, "homes");

    /// <summary>Keys that protect cookies and one-time links; readable by the hub alone.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>Append-only segments of what kernels said.</summary>
    public string Journal => Path.Combine(Root, "journal");

    /// <summary>Sockets and connection files of running kernels.</summary>
    public string Run => Path.Combine(Root, "run");

    /// <summary>What the hub keeps for a user outside of the home: settings and workspaces of JupyterLab.</summary>
    public string Profiles => Path.Combine(Root, "profiles");
}
