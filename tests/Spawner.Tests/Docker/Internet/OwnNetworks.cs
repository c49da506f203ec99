using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Spawner.Docker.Internet;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker.Internet;

/// <summary>
/// Two networks made by the test: one plays the machine of an engine, one all that such a machine can reach: a private neighbour, the metadata service of a cloud,
/// servers of names, the internet. They are joined to each other and to nothing else, and go with the test.
/// </summary>
public sealed partial class OwnNetworks : IAsyncDisposable
{
    private const int NewNetwork = 0x40000000;

    /// <summary>Plays the internet. Belongs to somebody outside, and is nobody but us in here.</summary>
    public const string Public = "93.184.216.34";

    /// <summary>Another public one.</summary>
    public const string AlsoPublic = "93.184.216.35";

    /// <summary>The machine's own, as a server in a data centre has one: public, and not for kernels.</summary>
    public const string MachinesPublic = "93.184.216.200";

    /// <summary>The machine's own towards its neighbours.</summary>
    public const string MachinesPrivate = "10.77.0.1";

    public const string Neighbour = "10.77.0.2";

    /// <summary>A server of names in the machine's private network.</summary>
    public const string Names = "10.77.0.53";

    private static readonly string[] s_elsewhere =
        ["169.254.169.254", "168.63.129.16", "100.100.100.200", "10.99.0.1", "172.31.7.7", "192.168.7.7", "192.0.0.192", "198.18.0.1", "198.51.100.7", "203.0.113.7", "240.0.0.1", Names, Public, AlsoPublic];

    private readonly string _id = Guid.NewGuid().ToString("N")[..6];

    /// <summary>Does nothing in the machine's network, so that the system shows that network's tables below its number.</summary>
    private Process? _inside;

    private OwnNetworks()
    {
    }

    public string Machine => $"nbt{_id}m";

    public string World => $"nbt{_id}w";

    /// <summary>What the machine's engine asks for names when nobody tells it other.</summary>
    public static IReadOnlyList<IPAddress> UsualResolvers { get; } = [.. HostNetwork.Own.FindResolvers(), IPAddress.Parse("8.8.8.8")];

    /// <summary>Everything that answers in the world, and is refused to kernels.</summary>
    public static IReadOnlyList<string> Refused { get; } = [Neighbour, .. s_elsewhere.Except([Public, AlsoPublic])];

    public static async Task<OwnNetworks> MakeAsync()
    {
        OwnNetworks networks = new();
        try
        {
            await networks.BuildAsync();
            return networks;
        }
        catch
        {
            await networks.DisposeAsync();
            throw;
        }
    }

    /// <summary>As the hub would see the machine, were it on it.</summary>
    internal HostNetwork Seen(params string[] resolverFiles) => new($"/proc/{_inside!.Id}/net", ["nsenter", $"--net=/run/netns/{Machine}"], resolverFiles.Length > 0 ? resolverFiles : HostNetwork.Own.ResolverFiles);

    /// <summary>Runs a command in one of the networks; null is none of them.</summary>
    public static async Task<string> RunAsync(string? network, params string[] words)
    {
        string[] all = network is null ? words : ["nsenter", $"--net=/run/netns/{network}", .. words];
        using Process process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> said = process.StandardOutput.ReadToEndAsync(), failed = process.StandardError.ReadToEndAsync();
        await Eventually.Comes(process.WaitForExitAsync());
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', all)}: {await failed}");
        return await said;
    }

    /// <summary>A socket that lives in a network, made by a thread that goes there for it and does not come back.</summary>
    public static Socket Open(string network, SocketType type, IPEndPoint at)
    {
        Socket? made = null;
        Exception? failure = null;
        Thread goes = new(() =>
        {
            try
            {
                using SafeFileHandle where = File.OpenHandle($"/run/netns/{network}");
                if (Enter(where, NewNetwork) != 0) throw new IOException($"setns: {Marshal.GetLastPInvokeError()}");
                made = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
                made.Bind(at);
                if (type == SocketType.Stream) made.Listen();
            }
            catch (Exception failed)
            {
                failure = failed;
            }
        });
        goes.Start();
        goes.Join();
        return failure is null ? made! : throw new IOException($"{network} {at}: {failure.Message}", failure);
    }

    public async ValueTask DisposeAsync()
    {
        if (_inside is not null)
        {
            _inside.Kill();
            await _inside.WaitForExitAsync();
            _inside.Dispose();
            _inside = null;
        }
        foreach (string network in new[] { Machine, World })
        {
            using Process remove = Process.Start(new ProcessStartInfo("ip", ["netns", "del", network]) { RedirectStandardError = true })!;
            await remove.WaitForExitAsync();
        }
    }

    private async Task BuildAsync()
    {
        foreach (string network in new[] { Machine, World })
        {
            await RunAsync(null, "ip", "netns", "add", network);
            await RunAsync(network, "ip", "link", "set", "lo", "up");
        }
        await RunAsync(Machine, "ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1");
        await RunAsync(Machine, "ip", "link", "set", "up1", "netns", World);
        await RunAsync(Machine, "ip", "addr", "add", MachinesPrivate + "/24", "dev", "up0");
        await RunAsync(Machine, "ip", "addr", "add", MachinesPublic + "/32", "dev", "lo");
        await RunAsync(Machine, "ip", "link", "set", "up0", "up");
        await RunAsync(World, "ip", "addr", "add", Neighbour + "/24", "dev", "up1");
        foreach (string address in s_elsewhere.Concat(UsualResolvers.Select(address => address.ToString())).Distinct()) await RunAsync(World, "ip", "addr", "add", address + "/32", "dev", "lo");
        await RunAsync(World, "ip", "link", "set", "up1", "up");
        await RunAsync(Machine, "ip", "route", "add", "default", "via", Neighbour);
        await RunAsync(World, "ip", "route", "add", MachinesPublic, "via", MachinesPrivate);
        _inside = Process.Start("nsenter", [$"--net=/run/netns/{Machine}", "sleep", "3600"]);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Enter(SafeFileHandle where, int kind);
}
