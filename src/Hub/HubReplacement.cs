using System.Net.Sockets;
using System.Text.Json;
using Hub.Http;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub;

/// <summary>
/// Takes over from the hub that runs on the same data directory (<c>--replace</c>):
/// 1. everything that can be wrong with this hub's settings is found out while the other still serves;
/// 2. the other hands over the sockets it listens on, so from here on new connections wait and are not refused;
/// 3. it is asked to leave: its tabs are told to come back, and it lets go of its kernels and of the lock;
/// 4. this hub starts, finds the kernels again, and serves whoever waits.
/// </summary>
internal sealed partial class HubReplacement(
    DataLayout layout, DataLock dataLock, ListeningSockets sockets, IStartupValidator settings, IOptions<HubOptions> options, TimeProvider time, ILogger<HubReplacement> logger)
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Returns when this hub may start: at once where none runs.</summary>
    /// <exception cref="StorageException">The other hub cannot be asked, or does not leave within <c>Hub:ReplaceSeconds</c>.</exception>
    /// <exception cref="OptionsValidationException">A setting of this hub is wrong; the other serves on.</exception>
    public async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        settings.Validate();
        layout.Create();
        if (dataLock.TryTake())
            return;
        HubHandover before = await Task.Run(Ask, cancellationToken);
        LogTakesOver(before.Version, before.Process);
        await WaitAsync(before, cancellationToken);
    }

    /// <summary>The blocking calls: the socket's handle is used outside of .NET, too, which would not wait for it otherwise.</summary>
    private HubHandover Ask()
    {
        using Socket control = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            (control.ReceiveTimeout, control.SendTimeout) = ((int)s_patience.TotalMilliseconds, (int)s_patience.TotalMilliseconds);
            control.Connect(new UnixDomainSocketEndPoint(layout.ControlSocket));
            HubHandover before = Inherit(control);
            Descriptors.Send(control, HubControl.AskLeave, []);
            return before;
        }
        catch (Exception failure) when (failure is SocketException or IOException or JsonException or ArgumentException)
        {
            sockets.CloseUnused();
            throw new StorageException($"The hub on {layout.Root} cannot be asked to leave at {layout.ControlSocket}: {failure.Message} End it yourself, then start again.", failure);
        }
    }

    private HubHandover Inherit(Socket control)
    {
        Descriptors.Send(control, HubControl.AskSockets, []);
        (string text, IReadOnlyList<Socket> received) = Descriptors.Receive(control);
        HubHandover before = JsonSerializer.Deserialize<HubHandover>(text, ApiJson.Options) ?? throw new IOException("The answer is null.");
        if (before.Addresses.Count != received.Count)
            throw new IOException($"It named {before.Addresses.Count} addresses but handed over {received.Count} sockets.");
        foreach ((string address, Socket socket) in before.Addresses.Zip(received))
            sockets.Inherit(address, socket);
        return before;
    }

    private async Task WaitAsync(HubHandover before, CancellationToken cancellationToken)
    {
        for (long began = time.GetTimestamp(); !dataLock.TryTake();)
        {
            if (time.GetElapsedTime(began) > TimeSpan.FromSeconds(options.Value.ReplaceSeconds))
                throw new StorageException($"The hub of process {before.Process} was asked to leave but still holds {layout.LockFile} after {options.Value.ReplaceSeconds} seconds (Hub:ReplaceSeconds).");
            sockets.KeepListening();
            await Task.Delay(s_lookEvery, time, cancellationToken);
        }
        sockets.KeepListening();
    }

    [LoggerMessage(5, LogLevel.Information, "Taking over from hub {Version}, process {Process}")]
    private partial void LogTakesOver(string version, int process);
}
