using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Spawner.Docker.Warm;

/// <summary>
/// What of a kernel's container is the same for everybody, decided from values (pure). A container made ahead fits a start when both have the same
/// <see cref="ShapeOf"/>: everything the engine cannot change later, and everything the interpreter has read already.
/// </summary>
internal static class WarmPlan
{
    /// <summary>The pipe a warm container makes when its imports are done, and reads from until it is handed over.</summary>
    public const string Bell = "warm";

    /// <summary>What a warm container is told beside its connection file.</summary>
    public const string HandOverFile = "handover.json";

    /// <summary>Where homes are in a container.</summary>
    public const string Homes = "/home";

    /// <summary>The engine's own weight; see <see cref="ContainerBody.Host.CpuShares"/>.</summary>
    public const long OrdinaryShares = 1024;

    /// <summary>While it imports, it leaves the processor to kernels that run.</summary>
    private const long LowShares = 32;

    /// <summary>Read by the interpreter, the C library or the loader before the first line of ours runs.</summary>
    private static readonly string[] s_readAtStart = ["PYTHON", "LD_", "LC_", "LANG", "GLIBC_", "MALLOC_", "PATH", "TINI_"];

    private static readonly string[] s_personal = ["HOME", "USER", "LOGNAME"];

    /// <summary>A label of each notebook, which nothing reads at an import.</summary>
    private const string Session = "JPY_SESSION_NAME";

    /// <summary>Null when kernels of this plan can be made ahead, else why not, as part of a sentence.</summary>
    public static string? Problem(ContainerPlan plan) => plan switch
    {
        _ when WarmCommand.Of(CommandOf(plan)) is null => "its command is not that of ipykernel (python3 -m ipykernel_launcher -f {connection_file})",
        { Body.HostConfig.NetworkMode: not "none" } => "its kernels have a network, which a container cannot get after its start",
        { Volume: null } => "the sockets of kernels are not in volumes (Docker:Channels)",
        _ => null,
    };

    /// <summary>Two plans of the same shape differ in nothing but whose they are and in limits the engine can change.</summary>
    /// <param name="plan">Of one kernel.</param>
    /// <param name="modules">Imported ahead: then any variable may have been read.</param>
    public static string ShapeOf(ContainerPlan plan, IReadOnlyList<string> modules)
    {
        ContainerBody.Host host = plan.Body.HostConfig;
        string home = VariablesOf(plan.Body).GetValueOrDefault("HOME", "");
        ContainerBody common = plan.Body with
        {
            User = "",
            Labels = new Dictionary<string, string>(),
            Entrypoint = [.. modules],
            Cmd = CommandOf(plan),
            Env = [.. plan.Body.Env.Where(pair => IsCommon(pair[..pair.IndexOf('=', StringComparison.Ordinal)], modules.Count > 0)).Order(StringComparer.Ordinal)],
            HostConfig = host with
            {
                // How much can be changed; whether there is a limit cannot.
                Memory = Sign(host.Memory),
                MemorySwap = Sign(host.MemorySwap),
                NanoCpus = Sign(host.NanoCpus),
                PidsLimit = Sign(host.PidsLimit),
                Mounts = [.. host.Mounts.Where(mount => mount.Target != home && mount.Target != ContainerPlan.Channels)],
            },
        };
        return JsonSerializer.Serialize(common);
    }

    /// <summary>The container made ahead: no home, no name, a user id of its own; its program waits.</summary>
    /// <param name="template">The plan of a kernel of that environment, by whomever.</param>
    /// <param name="slot">Id of the place.</param>
    /// <param name="name">Of container and volume.</param>
    /// <param name="userId">uid and gid, which nobody else has.</param>
    /// <param name="hubId">The hub's.</param>
    /// <param name="homes">The host's directory below which the home is mounted later.</param>
    /// <param name="script">The program that waits.</param>
    /// <param name="modules">What it imports beside ipykernel.</param>
    public static ContainerPlan For(ContainerPlan template, string slot, string name, int userId, string hubId, string homes, string script, IReadOnlyList<string> modules)
    {
        WarmCommand command = WarmCommand.Of(CommandOf(template)) ?? throw new ArgumentException("it is not ipykernel's command", nameof(template));
        string home = VariablesOf(template.Body).GetValueOrDefault("HOME", "");
        Dictionary<string, string> labels = new() { [SpawnLabels.Hub] = hubId, [ContainerLabels.Slot] = slot };
        ContainerBody body = template.Body with
        {
            User = string.Create(CultureInfo.InvariantCulture, $"{userId}:{userId}"),
            Env = ["HOME=/nonexistent", .. template.Body.Env.Where(pair => IsCommon(pair[..pair.IndexOf('=', StringComparison.Ordinal)], all: true))],
            Entrypoint = [command.Interpreter, .. command.Flags, "-c", script],
            Cmd = [ContainerPlan.Channels, .. modules],
            Labels = labels,
            HostConfig = template.Body.HostConfig with
            {
                CpuShares = LowShares,
                Mounts =
                [
                    new("bind", homes, Homes, ReadOnly: true, new ContainerBody.Bind(Propagation: "rslave")),
                    new("volume", name, ContainerPlan.Channels),
                    .. template.Body.HostConfig.Mounts.Where(mount => mount.Target != home && mount.Target != ContainerPlan.Channels),
                ],
            },
        };
        return new ContainerPlan(name, body, ContainerPlan.VolumeFor(name, labels, (userId, userId)));
    }

    /// <summary>What the waiting program is told: all that a plain start gives through the container itself.</summary>
    /// <param name="warm">Of the container.</param>
    /// <param name="plan">Of the kernel it becomes.</param>
    public static byte[] HandOver(ContainerBody warm, ContainerPlan plan)
    {
        Dictionary<string, string> variables = VariablesOf(plan.Body);
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["environment"] = JsonSerializer.SerializeToNode(variables),
            ["remove"] = JsonSerializer.SerializeToNode(VariablesOf(warm).Keys.Where(name => !variables.ContainsKey(name))),
            ["home"] = variables.GetValueOrDefault("HOME", "/"),
            ["directory"] = plan.Body.Cmd[1],
            ["command"] = JsonSerializer.SerializeToNode(CommandOf(plan)),
        });
    }

    /// <summary>The limits in which a kernel differs from the container made ahead; null when in none.</summary>
    public static LimitsBody? Difference(ContainerBody.Host warm, ContainerBody.Host wanted)
    {
        LimitsBody limits = new()
        {
            Memory = warm.Memory == wanted.Memory ? null : wanted.Memory,
            MemorySwap = warm.MemorySwap == wanted.MemorySwap ? null : wanted.MemorySwap,
            NanoCpus = warm.NanoCpus == wanted.NanoCpus ? null : wanted.NanoCpus,
            PidsLimit = warm.PidsLimit == wanted.PidsLimit ? null : wanted.PidsLimit,
        };
        return limits == new LimitsBody() ? null : limits;
    }

    /// <summary>The kernelspec's command with its templates filled in; before it stand connection file and directory, for the shell.</summary>
    private static IReadOnlyList<string> CommandOf(ContainerPlan plan) => [.. plan.Body.Cmd.Skip(2)];

    private static bool IsCommon(string name, bool all) =>
        name != Session && !s_personal.Contains(name) && (all || s_readAtStart.Any(start => name.StartsWith(start, StringComparison.Ordinal)));

    private static Dictionary<string, string> VariablesOf(ContainerBody body) =>
        body.Env.Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    private static long? Sign(long? limit) => limit is null ? null : 1;
}
