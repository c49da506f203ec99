using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wire.Zmtp;

/// <summary>
/// An address as libzmq writes it: <c>tcp://host:port</c> (<c>*</c> is every interface, port 0 or <c>*</c> any free one,
/// IPv6 in brackets), <c>ipc://path</c>, or <c>ipc://@name</c> for Linux' abstract names.
/// </summary>
public sealed record ZmtpEndpoint
{
    /// <summary>Longest path of a Unix socket, in bytes: <c>sun_path</c> holds 108 with its end mark.</summary>
    public const int MaxPathBytes = 107;

    private ZmtpEndpoint(string scheme, string address, int port)
    {
        Scheme = scheme;
        Address = address;
        Port = port;
    }

    /// <summary><c>tcp</c> or <c>ipc</c>.</summary>
    public string Scheme { get; }

    /// <summary>Host name or address without brackets, <c>*</c>, or the path; an abstract name begins with <c>@</c>.</summary>
    public string Address { get; }

    /// <summary>0 for ipc.</summary>
    public int Port { get; }

    public bool IsIpc => Scheme == "ipc";

    internal bool IsAbstract => IsIpc && Address[0] == '@';

    /// <exception cref="ArgumentException">The host is empty or the port not 0 to 65535.</exception>
    public static ZmtpEndpoint Tcp(string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, 65535u, nameof(port));
        return new ZmtpEndpoint("tcp", host, port);
    }

    /// <exception cref="ArgumentException">The path is empty or longer than <see cref="MaxPathBytes"/>.</exception>
    public static ZmtpEndpoint Ipc(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("the path of a Unix socket holds a zero character", nameof(path));
        int length = Encoding.UTF8.GetByteCount(path);
        if (length > MaxPathBytes)
            throw new ArgumentException($"the path of a Unix socket has {length} bytes, {nameof(MaxPathBytes)} is {MaxPathBytes}: {path}", nameof(path));
        return new ZmtpEndpoint("ipc", path, 0);
    }

    /// <exception cref="FormatException">Not an endpoint; the text says why.</exception>
    public static ZmtpEndpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            if (text.StartsWith("ipc://", StringComparison.Ordinal))
                return Ipc(text[6..]);
            if (text.StartsWith("tcp://", StringComparison.Ordinal))
                return ParseTcp(text[6..]);
        }
        catch (ArgumentException problem)
        {
            throw new FormatException($"'{text}' is no endpoint: {problem.Message}", problem);
        }

        throw new FormatException($"'{text}' is no endpoint: it begins neither with tcp:// nor with ipc://");
    }

    public override string ToString() => Scheme switch
    {
        "ipc" => $"ipc://{Address}",
        _ when Address.Contains(':', StringComparison.Ordinal) => string.Create(CultureInfo.InvariantCulture, $"tcp://[{Address}]:{Port}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"tcp://{Address}:{Port}"),
    };

    /// <summary>What the operating system connects to; a host name is resolved at each attempt.</summary>
    internal EndPoint ToConnect() => this switch
    {
        { IsIpc: true } => Unix(),
        _ when IPAddress.TryParse(Address, out IPAddress? address) => new IPEndPoint(address, Port),
        _ => new DnsEndPoint(Address, Port),
    };

    /// <summary>What the operating system listens on.</summary>
    /// <exception cref="SocketException">The host name does not resolve.</exception>
    internal EndPoint ToListen() => this switch
    {
        { IsIpc: true } => Unix(),
        { Address: "*" } => new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, Port),
        _ when IPAddress.TryParse(Address, out IPAddress? address) => new IPEndPoint(address, Port),
        _ => new IPEndPoint(Dns.GetHostAddresses(Address)[0], Port),
    };

    internal ZmtpEndpoint WithPort(int port) => new(Scheme, Address, port);

    private static ZmtpEndpoint ParseTcp(string rest)
    {
        int colon = rest.LastIndexOf(':');
        if (colon <= 0)
            throw new ArgumentException("the port is missing");
        string host = rest[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            throw new ArgumentException("an IPv6 address stands in brackets");
        string port = rest[(colon + 1)..];
        if (port == "*")
            return Tcp(host, 0);
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
            throw new ArgumentException($"'{port}' is no port");
        return Tcp(host, number);
    }

    private UnixDomainSocketEndPoint Unix() => new(IsAbstract ? "\0" + Address[1..] : Address);
}
