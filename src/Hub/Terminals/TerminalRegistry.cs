using System.Globalization;
using System.Text.RegularExpressions;
using Hub.Classes;
using Hub.Events;
using Hub.Http;
using Hub.Kernels;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.Terminals;

/// <summary>All terminals, by server and name; starts and ends them within the limits of <see cref="TerminalsOptions"/>. Lists are answered from memory.</summary>
internal sealed partial class TerminalRegistry(
    TerminalStarter starter, ISpawner spawner, EnvironmentAccess access, ClassRules classes, EventStream events, IOptions<TerminalsOptions> options, IOptions<KernelsOptions> kernels,
    TimeProvider time, ILoggerFactory loggers)
{
    private const int LongestName = 64;

    /// <summary>Each takes up to <c>Kernels:StopGrace</c>, and most of that is waiting.</summary>
    private const int EndedAtOnce = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<(ServerKey, string), LiveTerminal> _terminals = [];
    private readonly ILogger _logger = loggers.CreateLogger<TerminalRegistry>();
    private int _openSockets;

    private TerminalsOptions Options => options.Value;

    /// <summary>False until it is known which terminals a former run of the hub left: what is not found may still be.</summary>
    public bool IsComplete { get; set; }

    /// <summary>WebSockets from before their upgrade to after their close frame.</summary>
    public int OpenSockets => Volatile.Read(ref _openSockets);

    /// <summary>The terminals of one server, in the order of their names.</summary>
    public IReadOnlyList<LiveTerminal> List(ServerKey server) =>
        [.. ListAll().Where(terminal => terminal.Owner.Server == server).OrderBy(terminal => terminal.Name.Length).ThenBy(terminal => terminal.Name, StringComparer.Ordinal)];

    /// <summary>All terminals of all users that have been started.</summary>
    public IReadOnlyList<LiveTerminal> ListAll()
    {
        lock (_lock)
            return [.. _terminals.Values.Where(terminal => terminal is { IsReady: true, IsOver: false })];
    }

    /// <summary>Null when there is none of this name in this server.</summary>
    public LiveTerminal? Find(ServerKey server, string name)
    {
        lock (_lock)
            return _terminals.TryGetValue((server, name), out LiveTerminal? terminal) && terminal is { IsReady: true, IsOver: false } ? terminal : null;
    }

    /// <summary>Starts a terminal; answers when it answers. The start goes on if the caller leaves.</summary>
    /// <param name="name">A wish; null or empty takes the smallest number that is free.</param>
    /// <param name="directory">Where it starts, relative to the home; one that is not there is the home.</param>
    /// <param name="environment">A wish; null or empty leaves the choice to the hub.</param>
    /// <param name="by">Who wants it.</param>
    public async Task<TerminalStart> StartAsync(KernelOwner owner, string? name, string directory, string? environment, string by, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(name) && (name.Length > LongestName || !NamePattern().IsMatch(name)))
            return new TerminalStart.BadWish($"A terminal's name is made of letters, digits and '_', {LongestName} at most.");
        Class? running = await classes.FindRunningAsync(owner.UserName, cancellationToken);
        EnvironmentOffer offer = await access.OfAsync(owner.UserName, cancellationToken);
        (KernelSpec? spec, TerminalStart? refused) = starter.Choose(offer, environment);
        if (spec is null)
            return refused!;

        LiveTerminal terminal;
        lock (_lock)
        {
            if (!string.IsNullOrEmpty(name) && _terminals.ContainsKey((owner.Server, name)))
                return new TerminalStart.Taken($"There is a terminal '{name}' already.");
            if (WhyNot(owner.UserName) is { } full)
                return new TerminalStart.Refused(full);
            terminal = Create(Guid.NewGuid().ToString(), owner, string.IsNullOrEmpty(name) ? FreeName(owner.Server) : name, spec.Name);
        }

        return await Task.Run(() => LaunchAsync(terminal, spec, running, directory, by), CancellationToken.None).WaitAsync(cancellationToken);
    }

    /// <summary>Takes over what a former process of the hub started.</summary>
    public async Task AdoptAsync(SpawnedKernel spawned, KernelOwner owner)
    {
        LiveTerminal terminal;
        lock (_lock)
        {
            string name = spawned.Labels.GetValueOrDefault(TerminalStarter.NameLabel, "");
            if (name.Length == 0 || _terminals.ContainsKey((owner.Server, name)))
                name = FreeName(owner.Server);
            terminal = Create(spawned.KernelId, owner, name, spawned.KernelSpecName);
            terminal.IsReady = true;
        }

        if (await spawner.PollAsync(spawned, CancellationToken.None) is not null)
        {
            terminal.Follow(spawned, (_, _) => Task.CompletedTask);
            await EndAsync(terminal, TerminalEnd.Exited, "");
            return;
        }

        terminal.Follow(spawned, (gone, why) => EndAsync(gone, why, ""));
        LogAdopted(_logger, terminal.Id, terminal.Name, owner.UserName);
    }

    /// <summary>Ends a terminal for good; returns when its process is gone. Again does nothing.</summary>
    /// <param name="why">For the log and the audit.</param>
    /// <param name="by">Who wanted it; empty for the hub.</param>
    /// <param name="lastWords">Shown in its tabs; empty shows nothing.</param>
    public async Task EndAsync(LiveTerminal terminal, TerminalEnd why, string by, string lastWords = "")
    {
        if (terminal.BeginEnd())
            await EndFirstAsync(terminal, why, by, lastWords);
        await terminal.Gone;
    }

    /// <summary>Ends the terminals of one server, also those that are just being started.</summary>
    public Task EndAllAsync(ServerKey server) => EndManyAsync(terminal => terminal.Owner.Server == server);

    /// <summary>Ends all terminals of everybody; returns how many there were.</summary>
    public Task<int> EndAllAsync() => EndManyAsync(_ => true);

    public void SocketOpens() => Interlocked.Increment(ref _openSockets);

    public void SocketIsClosed() => Interlocked.Decrement(ref _openSockets);

    /// <summary>What of these no terminal of the hub is, not even one that is being started or ended.</summary>
    public IReadOnlyList<SpawnedKernel> Unknown(IEnumerable<SpawnedKernel> listed)
    {
        lock (_lock)
        {
            HashSet<string> known = [.. _terminals.Values.Select(terminal => terminal.Id)];
            return [.. listed.Where(spawned => spawned.Purpose == SpawnPurpose.Terminal && !known.Contains(spawned.KernelId))];
        }
    }

    /// <summary>The hub ends: tabs are told to come back.</summary>
    public void CloseAllTabs()
    {
        foreach (LiveTerminal terminal in ListAll())
            terminal.CloseTabs(s_hubRestarts);
    }

    /// <summary>The hub ends: terminals are let go, or ended where <c>Kernels:StopOnExit</c> says so.</summary>
    public async Task LetGoAsync()
    {
        if (kernels.Value.StopOnExit)
        {
            await EndAllAsync();
            return;
        }

        foreach (LiveTerminal terminal in ListAll())
            await terminal.EndAsync();
    }

    private static readonly CloseReason s_hubRestarts = new(1012, "the hub restarts; the terminal runs on");

    private async Task<int> EndManyAsync(Func<LiveTerminal, bool> wanted)
    {
        LiveTerminal[] all;
        lock (_lock)
            all = [.. _terminals.Values.Where(wanted)];
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = EndedAtOnce }, async (terminal, _) => await EndAsync(terminal, TerminalEnd.ServerStopped, ""));
        return all.Length;
    }

    private async Task<TerminalStart> LaunchAsync(LiveTerminal terminal, KernelSpec spec, Class? running, string directory, string by)
    {
        try
        {
            SpawnedKernel spawned = await starter.StartAsync(terminal, spec, running, directory);
            terminal.Follow(spawned, (gone, why) => EndAsync(gone, why, ""));
            await terminal.AnsweredAsync.WaitAsync(Options.AnswerTimeout, time, terminal.Over);
            lock (_lock)
                terminal.IsReady = true;
            LogStarted(_logger, terminal.Id, terminal.Name, spec.Name, terminal.Owner.UserName);
            await events.PublishAsync(new HubEvent.TerminalStarted(time.GetUtcNow(), terminal.Owner.UserName, terminal.Name, spec.Name) { By = by, ServerName = terminal.Owner.ServerName });
            return new TerminalStart.Started(terminal);
        }
        catch (TerminalStartException failed)
        {
            LogFailed(_logger, terminal.Owner.UserName, spec.Name, failed.Cause, failed.Message);
            await GiveUpAsync(terminal);
            return new TerminalStart.Failed(failed.Cause, failed.UserMessage);
        }
        catch (Exception gone) when (gone is OperationCanceledException or TimeoutException)
        {
            await GiveUpAsync(terminal);
            return new TerminalStart.Failed(gone is TimeoutException ? "timeout" : "stopped", gone is TimeoutException
                ? $"The terminal was started but did not answer within {Options.AnswerTimeout} ({TerminalsOptions.Section}:{nameof(TerminalsOptions.AnswerTimeout)}). Try again."
                : "The terminal ended while it was starting. Try again.");
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            LogBroken(_logger, broken, terminal.Owner.UserName, spec.Name);
            await GiveUpAsync(terminal);
            return new TerminalStart.Failed("hub", "The terminal could not be started because the hub failed. Try again; if it happens again, tell your administrator: the log of the hub says more.");
        }
    }

    /// <summary>After a start that failed, or during which somebody wanted its end and found no process yet.</summary>
    private async Task GiveUpAsync(LiveTerminal terminal)
    {
        await EndAsync(terminal, TerminalEnd.Lost, "");
        try
        {
            if (terminal.Spawned is { } spawned)
                await spawner.StopAsync(spawned, TimeSpan.Zero, CancellationToken.None);
        }
        catch (SpawnException failed)
        {
            LogNotEnded(_logger, failed, terminal.Id, terminal.Owner.UserName);
        }
    }

    private async Task EndFirstAsync(LiveTerminal terminal, TerminalEnd why, string by, string lastWords)
    {
        bool wasReady = terminal.IsReady;
        try
        {
            await terminal.EndAsync(lastWords);
            if (terminal.Spawned is { } spawned)
                await spawner.StopAsync(spawned, kernels.Value.StopGrace, CancellationToken.None);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            // It is nobody's from now on, and the next look for such removes it.
            LogNotEnded(_logger, failed, terminal.Id, terminal.Owner.UserName);
        }

        lock (_lock)
            _terminals.Remove((terminal.Owner.Server, terminal.Name));
        terminal.IsGone();
        if (!wasReady)
            return;
        LogEnded(_logger, terminal.Id, terminal.Name, terminal.Owner.UserName, why);
        await events.PublishAsync(new HubEvent.TerminalEnded(time.GetUtcNow(), terminal.Owner.UserName, terminal.Name, terminal.SpecName, NameOf(why)) { By = by, ServerName = terminal.Owner.ServerName });
    }

    private LiveTerminal Create(string id, KernelOwner owner, string name, string specName) =>
        _terminals[(owner.Server, name)] = new LiveTerminal(id, owner, name, specName, spawner, options, time, loggers.CreateLogger<LiveTerminal>());

    private string FreeName(ServerKey server)
    {
        for (int number = 1; ; number++)
        {
            if (number.ToString(CultureInfo.InvariantCulture) is var name && !_terminals.ContainsKey((server, name)))
                return name;
        }
    }

    private string? WhyNot(string userName)
    {
        int own = _terminals.Values.Count(terminal => terminal.Owner.UserName == userName);
        if (own >= Options.MaxPerUser)
            return $"You have {own} terminals, as many as {TerminalsOptions.Section}:{nameof(TerminalsOptions.MaxPerUser)} allows. Shut one down (the list of running terminals and kernels) and try again.";
        return _terminals.Count >= Options.MaxTotal
            ? $"The hub has {_terminals.Count} terminals, as many as {TerminalsOptions.Section}:{nameof(TerminalsOptions.MaxTotal)} allows. Try again later, or ask your administrator."
            : null;
    }

    private static string NameOf(TerminalEnd why) => why switch
    {
        TerminalEnd.Exited => "exited",
        TerminalEnd.OutOfMemory => "out_of_memory",
        TerminalEnd.Deleted => "deleted",
        TerminalEnd.Idle => "idle",
        TerminalEnd.HomeFull => "home_full",
        TerminalEnd.ServerStopped => "server_stopped",
        _ => "lost",
    };

    [GeneratedRegex(@"\A\w+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();

    [LoggerMessage(1510, LogLevel.Information, "Terminal {TerminalId} ({Name}, {Environment}) of {UserName} started")]
    private static partial void LogStarted(ILogger logger, string terminalId, string name, string environment, string userName);

    [LoggerMessage(1511, LogLevel.Information, "Terminal {TerminalId} ({Name}) of {UserName} was found again")]
    private static partial void LogAdopted(ILogger logger, string terminalId, string name, string userName);

    [LoggerMessage(1512, LogLevel.Information, "Terminal {TerminalId} ({Name}) of {UserName} ended: {Why}")]
    private static partial void LogEnded(ILogger logger, string terminalId, string name, string userName, TerminalEnd why);

    [LoggerMessage(1513, LogLevel.Warning, "A terminal of {UserName} ({Environment}) could not be started: {Cause}; {Why}")]
    private static partial void LogFailed(ILogger logger, string userName, string environment, string cause, string why);

    [LoggerMessage(1514, LogLevel.Error, "A terminal of {UserName} ({Environment}) could not be started because the hub failed")]
    private static partial void LogBroken(ILogger logger, Exception e, string userName, string environment);

    [LoggerMessage(1515, LogLevel.Warning, "Terminal {TerminalId} of {UserName} should be ended and could not be; it is tried again")]
    private static partial void LogNotEnded(ILogger logger, Exception e, string terminalId, string userName);
}
