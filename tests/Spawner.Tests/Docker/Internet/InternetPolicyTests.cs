using System.Net;
using Spawner.Docker.Internet;
using Xunit;

namespace Spawner.Tests.Docker.Internet;

/// <summary>What counts as the internet, what settings may change of it, and the names and rules that come of both.</summary>
public sealed class InternetPolicyTests
{
    private static readonly InternetNames s_names = InternetNames.For(new SpawnSite("0123456789ab", "/data/run"));

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("127.0.0.11")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("224.0.0.251")]
    [InlineData("239.255.255.250")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("0.0.0.0")]
    [InlineData("203.0.113.10")]
    public void Not_the_internet(string address) => Assert.Contains(InternetPolicy.NotPublic, range => range.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("93.184.216.34")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("223.255.255.255")]
    public void The_internet(string address) => Assert.DoesNotContain(InternetPolicy.NotPublic, range => range.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.0/16")]
    [InlineData("0.0.0.0/0")]
    [InlineData("160.0.0.0/4")]
    [InlineData("168.63.129.16")]
    [InlineData("127.0.0.1")]
    [InlineData("224.0.0.0/8")]
    public void What_is_never_opened_cannot_be_allowed_not_even_within_something_larger(string range) =>
        Assert.StartsWith("Docker:Internet:Allow:1: \"" + range + "\" would open ", InternetPolicy.Problem(new InternetOptions { Allow = ["10.0.0.0/8", range] }), StringComparison.Ordinal);

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0/24")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("example.org")]
    [InlineData("fd00::/8")]
    [InlineData("10.0.0.1; accept")]
    [InlineData("")]
    public void What_is_no_range_is_refused_by_its_key(string range)
    {
        Assert.StartsWith("Docker:Internet:Allow:0: ", InternetPolicy.Problem(new InternetOptions { Allow = [range] }), StringComparison.Ordinal);
        Assert.StartsWith("Docker:Internet:Refuse:0: ", InternetPolicy.Problem(new InternetOptions { Refuse = [range] }), StringComparison.Ordinal);
        Assert.StartsWith("Docker:Internet:Resolvers:0: ", InternetPolicy.Problem(new InternetOptions { Resolvers = [range] }), StringComparison.Ordinal);
        if (range.Length > 0) Assert.StartsWith("Docker:Internet:Subnet: ", InternetPolicy.Problem(new InternetOptions { Subnet = range }), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rest_is_told_by_its_key_too()
    {
        Assert.Null(InternetPolicy.Problem(new InternetOptions { Allow = ["10.1.2.3", "192.168.0.0/24"], Refuse = ["8.8.8.8", "0.0.0.0/1"], Resolvers = ["169.254.169.253"], Subnet = "172.30.0.0/16" }));
        Assert.StartsWith("Docker:Internet:Resolvers:0: ", InternetPolicy.Problem(new InternetOptions { Resolvers = ["127.0.0.53"] }), StringComparison.Ordinal);
        Assert.StartsWith("Docker:Internet:Resolvers:0: ", InternetPolicy.Problem(new InternetOptions { Resolvers = ["10.0.0.53/32"] }), StringComparison.Ordinal);
        Assert.StartsWith("Docker:Internet:Subnet: ", InternetPolicy.Problem(new InternetOptions { Subnet = "172.30.0.0/30" }), StringComparison.Ordinal);
        Assert.StartsWith("Docker:Internet:CheckSeconds: ", InternetPolicy.Problem(new InternetOptions { CheckSeconds = 0 }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0123456789ab")]
    [InlineData("a")]
    [InlineData("an id that nobody makes, and longer than an interface may be called")]
    [InlineData("with\"quote")]
    public void Names_are_the_same_each_time_and_fit_the_system(string hubId)
    {
        InternetNames names = InternetNames.For(new SpawnSite(hubId, "/data/run"));
        Assert.Equal(names, InternetNames.For(new SpawnSite(hubId, "/elsewhere")));
        Assert.InRange(names.Bridge.Length, 4, 15);
        Assert.All([names.Bridge, names.Table], name => Assert.Matches(@"\A[a-z][A-Za-z0-9_]+\z", name));
        Assert.NotEqual(names.Bridge, InternetNames.For(new SpawnSite(hubId + "x", "/data/run")).Bridge);
    }

    [Fact]
    public void Rules_name_the_hubs_own_tables_and_interface_and_nothing_of_anybody_elses()
    {
        string rules = InternetRules.Write(s_names, IPNetwork.Parse("172.30.0.0/24"), new InternetOptions { Allow = ["10.1.2.3"], Refuse = ["8.8.8.8"] }, [IPAddress.Parse("10.0.0.53")]);
        Assert.All(rules.Split('\n').Where(line => line.StartsWith("table", StringComparison.Ordinal) || line.StartsWith("delete", StringComparison.Ordinal)), line => Assert.Contains(" notebook_hub_0123456789ab", line, StringComparison.Ordinal));
        Assert.DoesNotContain("flush", rules, StringComparison.Ordinal);
        Assert.Contains("elements = { 10.1.2.3/32 };", rules, StringComparison.Ordinal);
        Assert.Contains("elements = { 8.8.8.8/32 };", rules, StringComparison.Ordinal);
        Assert.Contains("elements = { 10.0.0.53 };", rules, StringComparison.Ordinal);
        Assert.Contains("169.254.0.0/16", rules, StringComparison.Ordinal);
        // Each rule that accepts stands behind the interface, or the machine's own traffic would be judged.
        Assert.Contains("iifname != \"nbh0123456789ab\" return", rules, StringComparison.Ordinal);
    }

    [Fact]
    public void Servers_of_names_are_those_a_container_can_ask() => Assert.Equal(
        ["10.255.255.53", "9.9.9.9"],
        HostNetwork.ReadResolvers("# nameserver 1.1.1.1\nsearch example.org\nnameserver 127.0.0.53\nnameserver\t10.255.255.53 \r\nnameserver fe80::1\nnameserver\nnameserver 10.255.255.53\n options ndots:0\nnameserver 9.9.9.9\nnameserver 300.1.1.1\n").Select(address => address.ToString()));

    [Fact]
    public void An_interface_counts_with_its_range_directly_behind_it()
    {
        string proc = Directory.CreateTempSubdirectory("hub-net-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(proc, "route"), "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
                + "up0\t00000000\t02004D0A\t0003\t0\t0\t0\t00000000\t0\t0\t0\nup0\t000011AC\t02004D0A\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0\nnbh0123456789ab\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n");
            HostNetwork host = new(proc, [], []);
            Assert.True(host.Has("nbh0123456789ab", IPNetwork.Parse("172.18.0.0/16")));
            Assert.False(host.Has("nbh0123456789ab", IPNetwork.Parse("172.18.0.0/17")));
            Assert.False(host.Has("up0", IPNetwork.Parse("172.17.0.0/16")));
            Assert.False(host.Has("nbh0123456789ab", IPNetwork.Parse("172.19.0.0/16")));
            Assert.False(new HostNetwork("/nowhere", [], []).Has("nbh0123456789ab", IPNetwork.Parse("172.18.0.0/16")));
        }
        finally
        {
            Directory.Delete(proc, recursive: true);
        }
    }
}
