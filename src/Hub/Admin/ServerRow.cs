namespace Hub.Admin;

/// <summary>One started server as a panel shows it, with what its kernels that live come to. A row that is equal to what a panel has is not sent again.</summary>
/// <param name="Id">Owner and name with a slash between, as JupyterHub writes it in scopes: <c>ada/</c>.</param>
/// <param name="Name">Empty for the default server.</param>
/// <param name="State"><c>running</c> or <c>stopping</c>.</param>
/// <param name="LastActivity">Of its user or one of its kernels, to the second.</param>
/// <param name="Kernels">Those that live.</param>
/// <param name="Busy">How many of them run a cell.</param>
/// <param name="Memory">Of all its kernels, in bytes; null when the spawner can tell of none.</param>
/// <param name="MemoryLimit">What its kernels may take together, in bytes; null when one of them has no limit, or there is none.</param>
/// <param name="Cpu">In hundredths of one processor; null when the spawner cannot tell, or could not yet.</param>
public sealed record ServerRow(
    string Id,
    string User,
    string Name,
    string State,
    DateTimeOffset Started,
    DateTimeOffset LastActivity,
    int Kernels,
    int Busy,
    int Tabs,
    long? Memory,
    long? MemoryLimit,
    int? Cpu)
{
    /// <summary>What runs on a server, from the rows of its kernels.</summary>
    public static ServerRow Of(string user, string name, bool running, DateTimeOffset started, DateTimeOffset lastActivity, IEnumerable<KernelRow> kernels)
    {
        List<KernelRow> alive = [.. kernels.Where(row => row.State != "dead")];
        List<KernelRow> measured = [.. alive.Where(row => row.Memory is not null)];
        DateTimeOffset latest = alive.Select(row => row.LastActivity).Append(ToSecond(lastActivity)).Max();
        bool known = alive.Count == 0 || measured.Count > 0;
        return new ServerRow(
            $"{user}/{name}", user, name, running ? "running" : "stopping", ToSecond(started), latest, alive.Count, alive.Count(row => row.State == "busy"), alive.Sum(row => row.Tabs),
            known ? measured.Sum(row => row.Memory ?? 0) : null,
            alive.Count > 0 && alive.All(row => row.MemoryLimit is not null) ? alive.Sum(row => row.MemoryLimit) : null,
            alive.Count == 0 || measured.Exists(row => row.Cpu is not null) ? measured.Sum(row => row.Cpu ?? 0) : null);
    }

    private static DateTimeOffset ToSecond(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond));
}
