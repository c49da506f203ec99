using System.Globalization;
using System.Net.Sockets;
using Hub.Auth;
using Hub.Contents.Quotas;
using Hub.Http;
using Hub.Kernels;
using Hub.Storage;
using Hub.Terminals;
using Microsoft.Extensions.Options;
using Spawner;

namespace Hub;

/// <summary>Kernels outlive the hub; whoever ends it in a terminal is told how many run on and how to end them, and <c>stop-all</c> does that.</summary>
internal sealed class KernelsLeft(
    KernelRegistry kernels, TerminalRegistry terminals, ISpawner spawner, HomesRest homes, DataLayout layout, DataLock dataLock, IOptions<KernelsOptions> options, IHostApplicationLifetime lifetime, OperatorConsole console)
{
    /// <summary>Hundreds of kernels that use their whole grace, a few at a time.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <summary>Counts when the hub is asked to end: later they are not the hub's any more.</summary>
    public void TellAtEnd()
    {
        lifetime.ApplicationStopping.Register(() =>
        {
            int running = kernels.ListAll().Count(kernel => kernel.Phase != KernelPhase.Dead);
            if (Sentence(running, options.Value.StopOnExit) is { } sentence)
                console.Out.WriteLine(sentence);
            if (SentenceOfTerminals(terminals.ListAll().Count, options.Value.StopOnExit) is { } more)
                console.Out.WriteLine(more);
        });
    }

    /// <summary>Null when nothing runs on.</summary>
    internal static string? Sentence(int running, bool stopped) => running == 0 || stopped
        ? null
        : $"{(running == 1 ? "One kernel runs" : $"{running} kernels run")} on without the hub, with everything in {(running == 1 ? "its" : "their")} memory; the next start finds "
        + $"{(running == 1 ? "it" : "them")} again. To end {(running == 1 ? "it" : "them")}: ./start --stop-all with the same --data. --remove-kernels ends kernels with the hub.";

    /// <summary>Null when none runs on.</summary>
    internal static string? SentenceOfTerminals(int open, bool stopped) => open == 0 || stopped
        ? null
        : $"{(open == 1 ? "One terminal runs" : $"{open} terminals run")} on, too, with all that was started in {(open == 1 ? "it" : "them")}; what ends kernels ends {(open == 1 ? "it" : "them")} as well.";

    /// <summary>Ends every kernel and terminal of this data directory and unmounts its homes; returns how many kernels were ended. A hub that runs does it with its own, and serves on.</summary>
    /// <exception cref="StorageException">A hub runs and cannot be asked.</exception>
    public async Task<int> StopAllAsync(CancellationToken cancellationToken)
    {
        layout.Create();
        if (!dataLock.TryTake())
            return await Task.Run(AskRunningHub, cancellationToken);
        IReadOnlyList<SpawnedKernel> left = await spawner.ListAsync(cancellationToken);
        await Parallel.ForEachAsync(left, cancellationToken, async (kernel, cancelled) => await spawner.StopAsync(kernel, options.Value.StopGrace, cancelled));
        // Rules and network that guarded them go with the last; nobody serves on here who would do that.
        if (spawner is IInternetNetwork network)
            await network.RemoveAsync(cancellationToken);
        foreach (string path in await homes.UnmountAllAsync(cancellationToken))
            await console.Out.WriteLineAsync($"{path} stays mounted: something has a file in it open. Find it with: fuser -vm {path}");
        return left.Count(kernel => kernel.Purpose == SpawnPurpose.Kernel);
    }

    /// <summary>The blocking calls to the hub that runs; it answers when the last kernel is gone, or with why that failed.</summary>
    private int AskRunningHub()
    {
        using Socket control = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            (control.ReceiveTimeout, control.SendTimeout) = ((int)s_patience.TotalMilliseconds, (int)s_patience.TotalMilliseconds);
            control.Connect(new UnixDomainSocketEndPoint(layout.ControlSocket));
            Descriptors.Send(control, HubControl.AskStopAll, []);
            string answer = Descriptors.Receive(control).Text;
            return int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out int ended)
                ? ended
                : throw new IOException(answer.Length == 0 ? "It closed the line without a word." : answer);
        }
        catch (Exception failure) when (failure is SocketException or IOException or ArgumentException)
        {
            throw new StorageException($"The hub on {layout.Root} was asked at {layout.ControlSocket} to end its kernels: {failure.Message} They can be ended in its pages, too.", failure);
        }
    }
}
