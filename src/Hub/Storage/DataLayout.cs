namespace Hub.Storage;

/// <summary>What lies where in the data directory. Deleting the directory resets the hub; copying it while stopped is a backup (with SQLite).</summary>
/// <param name="Root">Absolute path.</param>
public sealed record DataLayout(string Root)
{
    /// <summary>Others may pass through but not look around: kernels run as other users and know the one path that is theirs.</summary>
    private const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode HubOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode HubOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Database => Path.Combine(Root, "hub.db");

    /// <summary>One directory per user.</summary>
    public string Homes => Path.Combine(Root, "homes");

    /// <summary>Homes that are file systems of their own, mounted on their directories in <see cref="Homes"/>.</summary>
    public string HomeImages => Path.Combine(Root, "home-images");

    /// <summary>Keys that protect cookies and one-time links; readable by the hub alone.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>Append-only segments of what kernels said.</summary>
    public string Journal => Path.Combine(Root, "journal");

    /// <summary>Sockets and connection files of running kernels.</summary>
    public string Run => Path.Combine(Root, "run");

    /// <summary>Locked by the hub that runs on this directory.</summary>
    public string LockFile => Path.Combine(Run, "hub.lock");

    /// <summary>Process id of the hub that has the lock; beside it, since a locked file cannot be read.</summary>
    public string ProcessFile => Path.Combine(Run, "hub.pid");

    /// <summary>Where the running hub takes the wish of a new one to take over.</summary>
    public string ControlSocket => Path.Combine(Run, "hub.sock");

    /// <summary>What the hub keeps for a user outside of the home: settings and workspaces of JupyterLab.</summary>
    public string Profiles => Path.Combine(Root, "profiles");

    /// <summary>One directory per class: materials the operator put there, and the archive made at its end.</summary>
    public string Classes => Path.Combine(Root, "classes");

    /// <summary>Makes whatever is missing, with modes that keep kernels out of everything but their own. A root that is there keeps its mode.</summary>
    /// <exception cref="StorageException">The directory cannot be made or is not the hub's.</exception>
    public void Create()
    {
        try
        {
            if (!Directory.Exists(Root))
                Make(Root, PassThrough);
            Make(Homes, PassThrough);
            Make(HomeImages, HubOnly);
            Make(Run, PassThrough);
            Make(Keys, HubOnly);
            Make(Journal, HubOnly);
            Make(Profiles, HubOnly);
            Make(Classes, HubOnly);
            // SQLite gives its log files the mode of the database, so the database gets the right one before SQLite sees it.
            using (new FileStream(Database, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = HubOnlyFile }))
                File.SetUnixFileMode(Database, HubOnlyFile);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The data directory {Root} (Hub:Data) cannot be used: {failure.Message}", failure);
        }
    }

    private static void Make(string directory, UnixFileMode mode)
    {
        Directory.CreateDirectory(directory, mode);
        // Once more, past the umask.
        File.SetUnixFileMode(directory, mode);
    }
}
