using System.Globalization;
using System.Text;
using Spawner.Posix;

namespace Spawner.Processes;

/// <summary>Looks into <c>/proc</c>: who lives, and which processes belong to a kernel.</summary>
internal static class ProcessTable
{
    /// <summary>Changes with every boot; a pid and start time of before mean nothing after.</summary>
    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Null when there is no such process.</summary>
    public static ProcessEntry? Find(int id)
    {
        try
        {
            return ProcessEntry.Parse(File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat"));
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static bool IsAlive(ProcessIdentity identity) =>
        identity.BootId == BootId && Find(identity.Id) is { IsAlive: true } entry && entry.StartTicks == identity.StartTicks;

    /// <summary>
    /// Kills everything a kernel started and did not end: its session, what descends from its supervisor, and what left both but
    /// still carries the kernel's mark in its environment. Goes on until none is left, since a process may fork while it is being
    /// killed. Without the supervisor or the kernel alive only the mark counts: their numbers may belong to somebody else by now.
    /// </summary>
    public static async Task KillAllAsync(string kernelId, ProcessIdentity? supervisor, ProcessIdentity? kernel, TimeProvider time)
    {
        const int attempts = 200;
        // A process in the midst of becoming another program shows no environment, and with that no mark, for a moment.
        const int emptyLooks = 2;
        int empty = 0;
        HashSet<int> sessions = [];
        if (kernel is not null && IsAlive(kernel)) sessions.Add(kernel.Id);
        for (int attempt = 0; attempt < attempts && empty < emptyLooks; attempt++)
        {
            List<int> left = Belonging(kernelId, supervisor, sessions);
            empty = left.Count == 0 ? empty + 1 : 0;
            foreach (int id in left) _ = Libc.Kill(id, Libc.SigKill);
            if (empty < emptyLooks) await Task.Delay(TimeSpan.FromMilliseconds(10), time, CancellationToken.None);
        }
    }

    /// <param name="sessions">Grows by the sessions of what descends from the supervisor, so that orphans of the killed are found too.</param>
    private static List<int> Belonging(string kernelId, ProcessIdentity? supervisor, HashSet<int> sessions)
    {
        byte[] mark = Encoding.UTF8.GetBytes($"{ProcessPlan.Cookie}={kernelId}\0");
        List<ProcessEntry> all = All();
        HashSet<int> family = [];
        if (supervisor is not null && IsAlive(supervisor)) family.Add(supervisor.Id);
        for (bool grown = true; grown;)
        {
            grown = false;
            foreach (ProcessEntry entry in all) grown |= family.Contains(entry.Parent) && family.Add(entry.Id);
        }
        // A child that has not reached its own session yet is still in the hub's.
        int hubSession = Find(Environment.ProcessId)?.Session ?? 0;
        sessions.UnionWith(all.Where(entry => family.Contains(entry.Id) && entry.Session != hubSession).Select(entry => entry.Session));
        return [.. all.Where(entry => entry.IsAlive && entry.Id != Environment.ProcessId
            && (family.Contains(entry.Id) || sessions.Contains(entry.Session) || Carries(entry.Id, mark)))
            .Select(entry => entry.Id)];
    }

    /// <summary>Gives a supervisor whose kernel ended a moment to write the last lines of the log.</summary>
    public static async Task SettleAsync(ProcessIdentity supervisor, TimeProvider time, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < 20 && IsAlive(supervisor); attempt++)
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, cancellationToken);
    }

    private static List<ProcessEntry> All()
    {
        List<ProcessEntry> all = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int id) && Find(id) is { } entry) all.Add(entry);
        }
        return all;
    }

    private static bool Carries(int id, byte[] mark)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/environ").AsSpan().IndexOf(mark) >= 0;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
