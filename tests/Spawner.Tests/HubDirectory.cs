using System.Diagnostics;

namespace Spawner.Tests;

/// <summary>A hub's directories for one test: the run directory and a home that belongs to the kernel's user.</summary>
internal sealed class HubDirectory : IDisposable
{
    private static int _users;

    public HubDirectory(string? parent = null)
    {
        Root = Path.Combine(parent ?? Path.GetTempPath(), "hub-" + Guid.NewGuid().ToString("N")[..8]);
        Site = SpawnSite.Open(Path.Combine(Root, "run"));
        // What outlives its kernel would be found by its uid.
        UserId = Environment.IsPrivilegedProcess ? 300_000 + Environment.ProcessId % 1_000 * 1_000 + Interlocked.Increment(ref _users) % 1_000 : null;
        Home = NewHome("ada", UserId);
    }

    public string Root { get; }

    public SpawnSite Site { get; }

    public string Home { get; }

    public int? UserId { get; }

    /// <summary>ipykernel for whose home this is.</summary>
    public SpawnRequest Python() => new()
    {
        KernelId = Guid.NewGuid().ToString(),
        UserName = "ada",
        KernelSpecName = "python3",
        Command = ["/usr/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        HomeDirectory = Home,
        UserId = UserId,
        GroupId = UserId,
        Key = Guid.NewGuid().ToString(),
        Labels = new Dictionary<string, string> { ["path"] = "class/first notebook.ipynb" },
    };

    public string NewHome(string name, int? userId)
    {
        string home = Path.Combine(Root, "homes", name);
        Directory.CreateDirectory(home);
        if (userId is { } id)
        {
            using Process chown = Process.Start("chown", [$"{id}:{id}", home]);
            chown.WaitForExit();
            using Process chmod = Process.Start("chmod", ["0700", home]);
            chmod.WaitForExit();
        }
        return home;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
