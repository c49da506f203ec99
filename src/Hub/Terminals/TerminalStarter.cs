using System.Security.Cryptography;
using Hub.Classes;
using Hub.Contents;
using Hub.Kernels;
using Hub.Kernels.Starting;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;
using Spawner;
using Spawner.Terminals;

namespace Hub.Terminals;

/// <summary>
/// From a wish to a terminal that answers. It is started as a kernel of its environment is, in the same queue, with the same home, user id, mounts, network and
/// walls; only what runs in it is the holder of a shell.
/// </summary>
internal sealed class TerminalStarter(
    ISpawner spawner, StartQueue queue, EnvironmentBoard environments, Homes homes, IOptions<TerminalsOptions> options, TimeProvider time)
{
    /// <summary>Label with the terminal's name.</summary>
    public const string NameLabel = "terminal";

    private const string Python = "python3";

    private readonly TerminalsOptions _options = options.Value;

    /// <summary>The environment a terminal is made in: the wished one, the configured one, or the person's default, if it is Python's; the holder needs Python.</summary>
    /// <returns>The environment, or why there is none.</returns>
    public (KernelSpec? Spec, TerminalStart? Refused) Choose(EnvironmentOffer offer, string? wished)
    {
        string named = string.IsNullOrEmpty(wished) ? _options.Environment : wished;
        if (named.Length > 0)
        {
            return offer.Find(named) is { } found ? (found, null)
                : offer.WhyNot(named) is { } reason ? (null, new TerminalStart.Refused(reason))
                : (null, new TerminalStart.BadWish($"There is no environment called '{named}'. Available: {string.Join(", ", offer.Usable.Select(one => one.Name))}"));
        }

        KernelSpec? usual = offer.Find(offer.DefaultName);
        KernelSpec? chosen = usual is not null && PythonOf(usual) is not null ? usual : offer.Usable.FirstOrDefault(spec => PythonOf(spec) is not null) ?? usual;
        return (chosen, chosen is null ? new TerminalStart.Refused("There is no environment you could have a terminal in. Ask your administrator.") : null);
    }

    /// <summary>Starts it; returns when what holds it listens.</summary>
    /// <exception cref="TerminalStartException">It could not be started; nothing is left behind.</exception>
    /// <exception cref="OperationCanceledException">It was ended meanwhile.</exception>
    public async Task<SpawnedKernel> StartAsync(LiveTerminal terminal, KernelSpec spec, Class? running, string directory)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(terminal.Over);
        using ITimer timer = time.CreateTimer(_ => deadline.Cancel(), null, _options.LaunchTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            using StartTurn turn = await queue.EnterAsync(terminal.Owner.UserName, _ => { }, deadline.Token);
            HomeDirectory home = homes.Open(terminal.Owner.UserId, terminal.Owner.UserName);
            return await spawner.StartAsync(Request(terminal, spec, running, directory, home), null, deadline.Token);
        }
        catch (SpawnException failed)
        {
            throw Explain(failed, spec);
        }
        catch (KernelStartException full)
        {
            throw new TerminalStartException(full.Cause, full.UserMessage, full.Message, full);
        }
        catch (HomeException failed)
        {
            throw new TerminalStartException("home", "Your home directory cannot be used. Tell your administrator: the log of the hub says why.", failed.Message, failed);
        }
        catch (OperationCanceledException) when (!terminal.Over.IsCancellationRequested)
        {
            throw new TerminalStartException("timeout",
                $"The terminal could not be started within {_options.LaunchTimeout} ({TerminalsOptions.Section}:{nameof(TerminalsOptions.LaunchTimeout)}). Try again later.", $"the {spawner.Name} spawner did not start it in time");
        }
    }

    private SpawnRequest Request(LiveTerminal terminal, KernelSpec spec, Class? running, string directory, HomeDirectory home)
    {
        ResourceLimits limits = running is null ? spec.Limits : running.Limits.Lower(spec.Limits);
        Dictionary<string, string> labels = new() { [NameLabel] = terminal.Name };
        if (!terminal.Owner.Server.IsDefault)
            labels[KernelStarter.ServerLabel] = terminal.Owner.ServerName;
        return new SpawnRequest
        {
            Purpose = SpawnPurpose.Terminal,
            KernelId = terminal.Id,
            UserName = terminal.Owner.UserName,
            KernelSpecName = spec.Name,
            Command = TerminalProgram.Command(PythonOf(spec) ?? Python, _options.ScrollbackBytes, _options.Shell),
            Files = TerminalProgram.Files,
            Environment = new Dictionary<string, string>(spec.Environment) { ["TERM"] = "xterm-256color" },
            HomeDirectory = home.Path,
            WorkingDirectory = directory,
            UserId = home.UserId,
            GroupId = home.GroupId,
            Key = RandomNumberGenerator.GetHexString(64, lowercase: true),
            Image = environments.ImageOf(spec),
            Mounts = spec.Mounts,
            Network = spec.Network,
            Limits = limits with
            {
                MemoryBytes = Least(limits.MemoryBytes, _options.MemoryBytes > 0 ? _options.MemoryBytes : null),
                Cpus = Least(limits.Cpus, _options.Cpus > 0 ? _options.Cpus : null),
                Processes = Least(limits.Processes, _options.Processes > 0 ? _options.Processes : null),
            },
            Labels = labels,
        };
    }

    private static TerminalStartException Explain(SpawnException failed, KernelSpec spec) => failed.Failure switch
    {
        SpawnFailure.CommandNotFound => new("no_python",
            $"A terminal needs Python 3 ({PythonOf(spec) ?? Python}) in its environment, and '{spec.Name}' has none that can be run. Your administrator can name another environment ({TerminalsOptions.Section}:{nameof(TerminalsOptions.Environment)}).", failed.Message, failed),
        SpawnFailure.OutOfMemory => new("out_of_memory", "The terminal needs more memory to start than it may have. Tell your administrator.", failed.Message, failed),
        SpawnFailure.ExitedEarly => new("exited_early", "The terminal ended while it was starting. Try again; if it happens again, tell your administrator: the log of the hub has its last words.",
            $"{failed.Message} Its last words: {(failed.LogTail.Length == 0 ? "(none)" : failed.LogTail)}", failed),
        SpawnFailure.Timeout => new("timeout", "The terminal did not start in time. The machine may be busy: try again in a moment.", failed.Message, failed),
        SpawnFailure.ImageMissing => new("image_missing", failed.UserMessage, failed.Message, failed),
        SpawnFailure.EngineUnavailable => new("engine_unavailable", failed.UserMessage, failed.Message, failed),
        _ => new("unknown", "The terminal could not be started. Tell your administrator: the log of the hub says why.", failed.Message, failed),
    };

    /// <summary>The interpreter its kernels start with; null when they are not Python's.</summary>
    private static string? PythonOf(KernelSpec spec) =>
        spec.Argv.Count > 0 && spec.Argv[0].Split('/')[^1].StartsWith("python", StringComparison.Ordinal) ? spec.Argv[0] : null;

    private static T? Least<T>(T? one, T? other)
        where T : struct, IComparable<T> =>
        one is { } known && (other is not { } less || known.CompareTo(less) <= 0) ? one : other;
}
