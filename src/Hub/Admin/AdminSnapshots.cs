using System.Collections.Immutable;
using Hub.Kernels;
using Hub.Kernels.Starting;
using Hub.Servers;
using Hub.Sessions;
using Spawner;

namespace Hub.Admin;

/// <summary>Takes the picture of the hub that panels are told about; everything in it is in memory.</summary>
internal sealed class AdminSnapshots(
    KernelRegistry kernels, SessionRegistry sessions, ServerRegistry servers, AdminTally tally, AdminMeter meter, StartQueue queue, ISpawner spawner, TimeProvider time)
{
    private static readonly string[] s_states = ["starting", "idle", "busy", "restarting", "dead"];

    private readonly DateTimeOffset _since = time.GetUtcNow();

    /// <summary>The hub now; rows equal to those of <paramref name="before"/> are the same objects.</summary>
    public AdminSnapshot Take(AdminSnapshot? before)
    {
        Dictionary<string, string> notebooks = [];
        foreach (Session session in sessions.ListAll())
            notebooks[session.KernelId] = session.Path;
        Dictionary<string, KernelRow> rows = [];
        foreach (LiveKernel kernel in kernels.ListAll())
        {
            KernelRow row = Row(kernel, notebooks.GetValueOrDefault(kernel.Id) ?? kernel.Path);
            rows[kernel.Id] = before is not null && before.Kernels.TryGetValue(kernel.Id, out KernelRow? known) && known == row ? known : row;
        }
        return new AdminSnapshot(Look(rows), rows) { Servers = Servers(rows, before) };
    }

    private Dictionary<string, ServerRow> Servers(Dictionary<string, KernelRow> kernels, AdminSnapshot? before)
    {
        ILookup<(string User, string Server), KernelRow> byServer = kernels.Values.ToLookup(row => (row.User, row.Server));
        Dictionary<string, ServerRow> rows = [];
        foreach (UserServer server in servers.List())
        {
            ServerRow row = ServerRow.Of(server.UserName, server.Name, servers.IsRunning(server.Key), server.Started, server.LastActivity, byServer[(server.UserName, server.Name)]);
            rows[row.Id] = before is not null && before.Servers.TryGetValue(row.Id, out ServerRow? known) && known == row ? known : row;
        }
        return rows;
    }

    private KernelRow Row(LiveKernel kernel, string path)
    {
        ExecutionsState executions = kernel.Executions;
        DateTimeOffset? busySince = executions.BusySince;
        (int cell, int of) = executions.Progress;
        (long Memory, int? Cpu)? usage = kernel.Phase != KernelPhase.Dead && meter.Kernels.TryGetValue(kernel.Id, out (long, int?) measured) ? measured : null;
        DateTimeOffset active = kernel.LastActivity;
        return new KernelRow(
            kernel.Id, kernel.Owner.UserName, kernel.SpecName, path, kernel.ExecutionState, busySince,
            busySince is null ? null : executions.Queue.FirstOrDefault(execution => execution.Phase == ExecutionPhase.Running)?.UserName,
            busySince is null ? 0 : cell, of, kernel.ConnectionCount,
            active.AddTicks(-(active.Ticks % TimeSpan.TicksPerSecond)), usage?.Memory, kernel.Phase == KernelPhase.Dead ? null : kernel.MemoryLimit, usage?.Cpu, kernel.Reason, executions.HasFailed, kernel.Owner.ServerName);
    }

    private Overview Look(Dictionary<string, KernelRow> rows)
    {
        ImmutableSortedDictionary<string, int> states = s_states.ToImmutableSortedDictionary(state => state, state => rows.Values.Count(row => row.State == state));
        StartPlace tail = queue.Tail;
        List<KernelRow> measured = [.. rows.Values.Where(row => row.Memory is not null)];
        return new Overview(
            time.GetUtcNow(), _since, meter.SignedIn, meter.Users, servers.List().Count, states, rows.Values.Sum(row => row.Tabs),
            Environment.WorkingSet, meter.HubCpu,
            measured.Count == 0 ? null : measured.Sum(row => row.Memory),
            measured.Count == 0 ? null : measured.Sum(row => row.Cpu ?? 0),
            measured.Count, tally.Starts(),
            tail.Ahead, tail.Ahead == 0 || tail.Estimate is not { } wait ? null : (int)Math.Ceiling(wait.TotalSeconds), tail.Ahead > 0 && tail.IsFull, queue.FreeBytes,
            tally.Failures(), spawner.Name);
    }
}
