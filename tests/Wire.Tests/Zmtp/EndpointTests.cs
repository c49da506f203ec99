using System.Net;
using System.Net.Sockets;
using Testing;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("tcp://127.0.0.1:5555", "127.0.0.1", 5555)]
    [InlineData("tcp://[::1]:5555", "::1", 5555)]
    [InlineData("tcp://kernel.example:65535", "kernel.example", 65535)]
    [InlineData("tcp://*:0", "*", 0)]
    [InlineData("ipc:///run/hub/kernel-1", "/run/hub/kernel-1", 0)]
    [InlineData("ipc://@name", "@name", 0)]
    public void What_is_parsed_is_written_the_same(string text, string address, int port)
    {
        ZmtpEndpoint endpoint = ZmtpEndpoint.Parse(text);
        Assert.Equal((address, port, text), (endpoint.Address, endpoint.Port, endpoint.ToString()));
    }

    [Theory]
    [InlineData(""), InlineData("127.0.0.1:1"), InlineData("udp://127.0.0.1:1"), InlineData("tcp://"), InlineData("tcp://host")]
    [InlineData("tcp://:1"), InlineData("tcp://host:65536"), InlineData("tcp://host:-1"), InlineData("tcp://host: 1"), InlineData("tcp://::1:5"), InlineData("ipc://")]
    public void What_is_no_endpoint_is_refused_with_its_text(string text) =>
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => ZmtpEndpoint.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_path_of_107_bytes_works_and_of_108_is_refused_by_name()
    {
        string folder = Directory.CreateTempSubdirectory("zmtp-").FullName;
        try
        {
            string longest = Path.Combine(folder, new string('k', 107 - folder.Length - 1));
            await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
            await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
            dealer.Connect(router.Bind(ZmtpEndpoint.Ipc(longest)));
            await dealer.SendAsync(Frames("far"), default);
            Assert.Equal(["far"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());

            ArgumentException refused = Assert.Throws<ArgumentException>(() => ZmtpEndpoint.Ipc(longest + "k"));
            Assert.Contains(nameof(ZmtpEndpoint.MaxPathBytes), refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_live_socket_file_is_not_stolen()
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        router.Bind(endpoint);
        await using (RouterSocket thief = new(ZmtpOptions.Default, TimeProvider.System))
            Assert.Equal(SocketError.AddressAlreadyInUse, Assert.Throws<SocketException>(() => thief.Bind(endpoint)).SocketErrorCode);

        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(endpoint);
        await dealer.SendAsync(Frames("still here"), default);
        Assert.Equal(["still here"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
    }

    [Fact]
    public async Task A_socket_file_that_nobody_listens_behind_is_replaced_and_gone_after_disposal()
    {
        ZmtpEndpoint first = Fresh("ipc");
        ZmtpEndpoint dead = Fresh("ipc");
        await using (RouterSocket killed = new(ZmtpOptions.Default, TimeProvider.System))
        {
            killed.Bind(first);
            // As after a kill: the file outlives its listener.
            File.Move(first.Address, dead.Address);
        }

        await using (RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System))
            router.Bind(dead);
        Assert.False(File.Exists(dead.Address));
    }

    [Theory, InlineData("precious"), InlineData("")]
    public async Task A_file_that_is_no_socket_is_left_alone(string content)
    {
        ZmtpEndpoint endpoint = Fresh("ipc");
        await File.WriteAllTextAsync(endpoint.Address, content);
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        Assert.Equal(SocketError.AddressAlreadyInUse, Assert.Throws<SocketException>(() => router.Bind(endpoint)).SocketErrorCode);
        Assert.Equal(content, await File.ReadAllTextAsync(endpoint.Address));
        File.Delete(endpoint.Address);
    }

    [Theory, InlineData("tcp://*:80"), InlineData("tcp://127.0.0.1:*")]
    public async Task Nobody_connects_to_every_interface_or_any_port(string text)
    {
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        Assert.Contains(ZmtpEndpoint.Parse(text).ToString(), Assert.Throws<ArgumentException>(() => dealer.Connect(ZmtpEndpoint.Parse(text))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IPv6_works_where_the_machine_has_it()
    {
        if (!Socket.OSSupportsIPv6)
            return;
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(router.Bind(ZmtpEndpoint.Parse("tcp://[::1]:*")));
        await dealer.SendAsync(Frames("six"), default);
        Assert.Equal(["six"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
    }

    [Fact]
    public async Task Every_interface_is_every_family()
    {
        await using RouterSocket router = new(ZmtpOptions.Default, TimeProvider.System);
        ZmtpEndpoint bound = router.Bind(ZmtpEndpoint.Parse("tcp://*:*"));
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        dealer.Connect(ZmtpEndpoint.Tcp(IPAddress.Loopback.ToString(), bound.Port));
        await dealer.SendAsync(Frames("four"), default);
        Assert.Equal(["four"], (await Eventually.Comes(router.ReceiveAsync(default).AsTask())).Texts());
    }
}
