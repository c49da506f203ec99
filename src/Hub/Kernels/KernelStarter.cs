using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hub.Contents;
using Hub.Journal.Recording;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;
using Spawner;
using Wire.Jupyter;
using ConnectionInfo = Wire.Jupyter.ConnectionInfo;

namespace Hub.Kernels;

/// <summary>
/// From a kernelspec to a kernel that answers: 1. launch by the spawner, 2. connect its channels, 3. ask <c>kernel_info</c> until it
/// answers and its output arrives. When it fails nothing is left behind and the failure says why.
/// </summary>
public sealed partial class KernelStarter(ISpawner spawner, EnvironmentBoard environments, Homes homes, Recorder recorder, IOptions<KernelsOptions> options, TimeProvider time, ILogger<KernelStarter> logger)
{
    /// <summary>Label by which a restarted hub knows what the kernel was started for.</summary>
    public const string PathLabel = "path";

    /// <summary>Label with the directory it starts in, for a restart after a restart of the hub.</summary>
    public const string DirectoryLabel = "directory";

    /// <summary>Label of the named server the kernel runs for; kernels of default servers have none.</summary>
    public const string ServerLabel = "server";

    private readonly KernelsOptions _options = options.Value;

    /// <summary>Starts a process for <paramref name="kernel"/> and connects it; returns when it answered.</summary>
    /// <exception cref="KernelStartException">It could not be started.</exception>
    public async Task<SpawnedKernel> StartAsync(LiveKernel kernel, KernelSpec spec, string directory, IProgress<SpawnProgress> progress, CancellationToken cancellationToken)
    {
        SpawnedKernel spawned = await LaunchAsync(kernel, spec, directory, progress, cancellationToken);
        try
        {
            progress.Report(new SpawnProgress(80, "The kernel is starting."));
            await ConnectAsync(kernel, spawned, adopted: false, cancellationToken);
            await AnswerAsync(kernel, spawned, spec, cancellationToken);
            return spawned;
        }
        catch
        {
            await kernel.DetachAsync();
            await spawner.StopAsync(spawned, TimeSpan.Zero, CancellationToken.None);
            throw;
        }
    }

    /// <summary>
    /// Connects a kernel that a former process of the hub started. It answered once, so it counts as running even if it is too busy now.
    /// </summary>
    public async Task AdoptAsync(LiveKernel kernel, SpawnedKernel spawned, CancellationToken cancellationToken)
    {
        KernelClient client = await ConnectAsync(kernel, spawned, adopted: true, cancellationToken);
        // Requests that ended meanwhile are answered from what the recorder heard of their end.
        Task caughtUp = kernel.CaughtUpAsync(_options.AdoptTimeout, cancellationToken);
        KernelMessage? info = null;
        try
        {
            info = await client.WaitUntilReadyAsync(_options.AdoptTimeout, cancellationToken);
        }
        catch (TimeoutException busy)
        {
            LogBusy(logger, kernel.Id, busy.Message);
        }

        await caughtUp;
        await AnsweredAsync(kernel, client, info, adopted: true, cancellationToken);
    }

    /// <summary>
    /// What the recorder heard after the journal's last message; to be opened before the own subscription, so that the two overlap. Of the last
    /// messages some may be the hub's own words, of which the recorder knows nothing: the newest it knows counts.
    /// </summary>
    private async Task<RecorderFeed> OpenFeedAsync(string kernelId, IReadOnlyList<string> newestFirst, CancellationToken cancellationToken)
    {
        RecorderFeed? feed = null;
        foreach (string last in newestFirst.Count > 0 ? newestFirst : [""])
        {
            if (feed is not null)
                await feed.DisposeAsync();
            feed = await recorder.OpenAsync(kernelId, last, cancellationToken);
            if (feed.Beginning != FeedBeginning.Gap)
                break;
        }

        return feed!;
    }

    private async Task<SpawnedKernel> LaunchAsync(LiveKernel kernel, KernelSpec spec, string directory, IProgress<SpawnProgress> progress, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using ITimer timer = time.CreateTimer(_ => deadline.Cancel(), null, _options.LaunchTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            HomeDirectory home = homes.Open(kernel.Owner.UserId, kernel.Owner.UserName);
            return await spawner.StartAsync(Request(kernel, spec, environments.ImageOf(spec), directory, home), progress, deadline.Token);
        }
        catch (SpawnException failed)
        {
            throw KernelDiagnosis.Of(failed);
        }
        catch (HomeException failed)
        {
            throw new KernelStartException("home", "Your home directory cannot be used. Tell your administrator: the log of the hub says why.", failed.Message, failed);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KernelStartException("timeout", $"The kernel '{spec.Name}' could not be launched within {_options.LaunchTimeout} ({KernelsOptions.Section}:{nameof(KernelsOptions.LaunchTimeout)}). Try again later.",
                $"the {spawner.Name} spawner did not launch it in time");
        }
    }

    /// <summary>What every kernel of a kernelspec asks for, before it is anybody's.</summary>
    /// <param name="image">The image it is started from now: where the kernelspec pins one, that.</param>
    internal static SpawnRequest TemplateOf(KernelSpec spec, string? image) => new()
    {
        KernelId = "template",
        UserName = "nobody",
        KernelSpecName = spec.Name,
        Command = spec.Argv,
        ResourceDirectory = spec.ResourceDirectory,
        Environment = spec.Environment,
        HomeDirectory = "/",
        Key = "",
        Image = image,
        Mounts = spec.Mounts,
        Network = spec.Network,
        Gpus = spec.Gpus,
        InterruptMode = spec.InterruptMode,
        Limits = spec.Limits,
    };

    private static SpawnRequest Request(LiveKernel kernel, KernelSpec spec, string? image, string directory, HomeDirectory home) => TemplateOf(spec, image) with
    {
        KernelId = kernel.Id,
        UserName = kernel.Owner.UserName,
        Environment = new Dictionary<string, string>(spec.Environment) { ["JPY_SESSION_NAME"] = kernel.Path },
        HomeDirectory = home.Path,
        WorkingDirectory = directory,
        UserId = home.UserId,
        GroupId = home.GroupId,
        Key = RandomNumberGenerator.GetHexString(64, lowercase: true),
        Labels = LabelsOf(kernel, directory),
    };

    private static Dictionary<string, string> LabelsOf(LiveKernel kernel, string directory)
    {
        Dictionary<string, string> labels = new() { [PathLabel] = kernel.Path, [DirectoryLabel] = directory };
        if (!kernel.Owner.Server.IsDefault)
            labels[ServerLabel] = kernel.Owner.ServerName;
        return labels;
    }

    private async Task<KernelClient> ConnectAsync(LiveKernel kernel, SpawnedKernel spawned, bool adopted, CancellationToken cancellationToken)
    {
        KernelEndpoint at = spawned.Endpoint;
        ConnectionInfo connection = new(at.Transport, at.Ip, at.ShellPort, at.ControlPort, at.IOPubPort, at.StdinPort, at.HeartbeatPort, at.Key);
        // The same identity for as long as the process lives: a kernel sends the reply of a long cell, and its prompts, to the identity that
        // asked, and after a restart of the hub that is us again.
        string hubSession = $"hub-{SessionOf(spawned, "hub")}";
        await kernel.LaunchedAsync(new KernelEvent.Launched(SessionOf(spawned, "kernel"), hubSession, adopted), cancellationToken);
        RecorderFeed? feed = adopted ? await OpenFeedAsync(kernel.Id, await kernel.RestoreAsync(cancellationToken), cancellationToken) : null;
        KernelClient client = new(connection, hubSession, time, new KernelClientOptions { NudgeInterval = _options.NudgeEvery })
        {
            OnFault = fault => kernel.Blame(KernelDiagnosis.NameOf(fault.Kind)),
        };
        kernel.Attach(client, feed);
        return client;
    }

    private async Task AnswerAsync(LiveKernel kernel, SpawnedKernel spawned, KernelSpec spec, CancellationToken cancellationToken)
    {
        KernelClient client = kernel.Client ?? throw new InvalidOperationException("The kernel was detached while it started.");
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<KernelExit> ended = spawner.WaitAsync(spawned, over.Token);
        Task<KernelMessage> ready = client.WaitUntilReadyAsync(_options.StartTimeout, over.Token);
        Task first = await Task.WhenAny(ready, ended);
        await over.CancelAsync();
        if (first == ended && ended.IsCompletedSuccessfully)
            throw KernelDiagnosis.OfEarlyExit(await ended, spec.Name, spec.Limits);

        KernelMessage info;
        try
        {
            info = await ready;
        }
        catch (TimeoutException silent)
        {
            string tail = await spawner.ReadLogTailAsync(spawned, _options.LogTailBytes, cancellationToken);
            throw KernelDiagnosis.OfSilence(silent, spec.Name, _options.StartTimeout, client.FaultCount, tail);
        }

        await AnsweredAsync(kernel, client, info, adopted: false, cancellationToken);
    }

    private async Task AnsweredAsync(LiveKernel kernel, KernelClient client, KernelMessage? info, bool adopted, CancellationToken cancellationToken)
    {
        bool hasSubshells = info is not null && Features(info).Contains("kernel subshells");
        IReadOnlyList<string> subshells = [];
        if (adopted && hasSubshells)
        {
            MessageFacts? list = await kernel.RequestAsync(KernelChannel.Control, MessageTypes.ListSubshellRequest, new { }, _options.InterruptTimeout, cancellationToken);
            hasSubshells = list is not null;
            subshells = list is null ? [] : Strings(list.Message.Content, "subshell_id");
        }

        // Its idle on iopub is the first of those that tell when all is heard that was asked before. If shell did not answer the first question, the
        // kernel is busy with what nobody here remembers, and counts as busy until this one is answered.
        string? probe = adopted ? await kernel.ProbeAsync(cancellationToken) : null;
        string? busyWith = info?.Channel == KernelChannel.Shell ? null : probe;
        await kernel.AnsweredAsync(new KernelEvent.Answered(hasSubshells, subshells, info?.Session, busyWith), cancellationToken);
    }

    /// <summary>The same for the same process after every restart of the hub, so that returning tabs do not take the kernel for a new one.</summary>
    private static string SessionOf(SpawnedKernel spawned, string side) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{side}/{spawned.KernelId}/{spawned.Handle}/{spawned.StartedAt.UtcTicks}")).AsSpan(0, 16)).ToString();

    private static IReadOnlyList<string> Features(KernelMessage info) => Strings(info.Content, "supported_features");

    private static IReadOnlyList<string> Strings(ReadOnlyMemory<byte> content, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
                : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    [LoggerMessage(1210, LogLevel.Information, "Kernel {KernelId} was found again but is too busy to answer: {Why}")]
    private static partial void LogBusy(ILogger logger, string kernelId, string why);
}
