namespace Hub.Admin.Walls;

/// <summary>What a student is doing, in one word of the wall.</summary>
internal static class WallState
{
    /// <summary>A teacher put them on the list, and they have not used the code: nothing of theirs is shown.</summary>
    public const string Listed = "listed";

    /// <summary>Nothing of theirs runs, and they are not signed in.</summary>
    public const string Away = "away";

    /// <summary>Signed in, and no kernel runs.</summary>
    public const string None = "none";

    public const string Starting = "starting";
    public const string Running = "running";

    /// <summary>The last cell failed, or the kernel died.</summary>
    public const string Error = "error";

    public const string Idle = "idle";

    /// <summary>The kernel a tile is about: one that runs a cell, else the one of which something was heard last.</summary>
    public static KernelRow? Shown(IReadOnlyCollection<KernelRow> kernels) =>
        kernels.OrderByDescending(row => row.State == "busy").ThenByDescending(row => row.LastActivity).ThenBy(row => row.Id, StringComparer.Ordinal).FirstOrDefault();

    public static string Of(KernelRow? kernel, bool signedIn) => kernel switch
    {
        null => signedIn ? None : Away,
        { State: "dead" } => Error,
        { State: "busy" } => Running,
        { State: "starting" or "restarting" } => Starting,
        { Failed: true } => Error,
        _ => Idle,
    };
}
