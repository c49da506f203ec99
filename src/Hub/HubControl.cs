using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Hub.Contents.Quotas;
using Hub.Http;
using Hub.Kernels;
using Hub.Storage;
using Hub.Telemetry;
using Hub.Terminals;

namespace Hub;

/// <summary>
/// The running hub's side of being replaced: on <c>run/hub.sock</c>, which only its own user may open, it hands its listening sockets to the hub that asks and
/// then leaves. Whoever must do something before that does it when the host is stopping, as at every end: tabs are told 1012, what is gathered is written.
/// Whoever asks it to end all kernels (<c>hub stop-all</c>) is told how many they were, when their homes are unmounted, too; it serves on.
/// </summary>
/// <remarks>One asker at a time; a second one waits in the socket's queue until the first has gone.</remarks>
internal sealed partial class HubControl(DataLayout layout, ListeningSockets sockets, KernelRegistry kernels, TerminalRegistry terminals, HomesRest homes, IHostApplicationLifetime lifetime, ILogger<HubControl> logger) : IHostedService, IDisposable
{
    /// <summary>What a new hub says; the answer to the first is a <see cref="HubHandover"/> with the sockets, to the second nothing but the end.</summary>
    internal const string AskSockets = "sockets";

    internal const string AskLeave = "leave";

    /// <summary>The answer is how many kernels were ended, when the last one is gone; or a sentence saying why not all were.</summary>
    internal const string AskStopAll = "stop-all";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _over = new();
    private Task _loop = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(layout.ControlSocket); // what a killed hub left; that none runs is known from the lock
            _socket.Bind(new UnixDomainSocketEndPoint(layout.ControlSocket));
            File.SetUnixFileMode(layout.ControlSocket, UnixFileMode.UserRead | UnixFileMode.UserWrite); // before it listens, nobody can connect
            _socket.Listen();
            _loop = Task.Run(AcceptAsync, CancellationToken.None);
        }
        catch (Exception unusable) when (unusable is SocketException or ArgumentException or IOException)
        {
            // Such as a path longer than the 107 bytes a Unix socket's may have.
            LogNoSocket(layout.ControlSocket, unusable.Message);
        }
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _over.CancelAsync();
        await _loop;
    }

    public void Dispose()
    {
        _over.Dispose();
        _socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using Socket asker = await _socket.AcceptAsync(_over.Token);
                (asker.ReceiveTimeout, asker.SendTimeout) = ((int)s_patience.TotalMilliseconds, (int)s_patience.TotalMilliseconds);
                try
                {
                    if (await ServeAsync(asker))
                    {
                        LogLeaves();
                        await sockets.LeaveAsync(_over.Token);
                        lifetime.StopApplication();
                    }
                }
                catch (IOException gone)
                {
                    LogBrokenOff(gone.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The hub ends.
        }
    }

    /// <summary>True when this hub is to leave.</summary>
    private async Task<bool> ServeAsync(Socket asker)
    {
        while (Descriptors.Receive(asker).Text is { Length: > 0 } wish)
        {
            if (wish == AskSockets)
            {
                IReadOnlyDictionary<string, Socket> bound = sockets.Bound;
                HubHandover handover = new(HubMetrics.Version, Environment.ProcessId, [.. bound.Keys]);
                Descriptors.Send(asker, JsonSerializer.Serialize(handover, ApiJson.Options), [.. bound.Values]);
                LogHandedOver(bound.Count);
            }
            else if (wish == AskStopAll)
            {
                Descriptors.Send(asker, await StopAllAsync(), []);
            }
            else if (wish == AskLeave)
            {
                return true;
            }
            else
            {
                throw new IOException("A wish that this hub does not know.");
            }
        }
        return false;
    }

    private async Task<string> StopAllAsync()
    {
        try
        {
            int ended = await kernels.StopAllAsync();
            await terminals.EndAllAsync();
            await homes.UnmountAllAsync(_over.Token);
            LogStoppedAll(ended);
            return ended.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            LogNotAllStopped(failed);
            return "Not all of them could be ended; the log of the hub says why.";
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "There is no control socket at {Path}, so this hub cannot be replaced while it runs: {Why}")]
    private partial void LogNoSocket(string path, string why);

    [LoggerMessage(2, LogLevel.Information, "Another hub was given the {Count} addresses this one listens on")]
    private partial void LogHandedOver(int count);

    [LoggerMessage(3, LogLevel.Information, "Another hub takes over: this one leaves, kernels run on")]
    private partial void LogLeaves();

    [LoggerMessage(6, LogLevel.Information, "All {Count} kernels were ended, as asked at the control socket")]
    private partial void LogStoppedAll(int count);

    [LoggerMessage(7, LogLevel.Error, "All kernels should be ended, as asked at the control socket, and not all could be")]
    private partial void LogNotAllStopped(Exception failed);

    [LoggerMessage(4, LogLevel.Warning, "Whoever asked at the control socket broke off: {Why}")]
    private partial void LogBrokenOff(string why);
}
