using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Http;

/// <summary>Section <c>Http</c>: where the hub listens and what it accepts from a network.</summary>
public sealed record HttpOptions
{
    public const string Section = "Http";

    [Range(0, 65535)]
    [Description("Port to listen on; 0 takes any free one. Ignored when addresses are given by --urls, ASPNETCORE_URLS or Kestrel:Endpoints.")]
    public int Port { get; init; } = 8000;

    [Required]
    [Description("Address to listen on: an IP address, localhost, or 0.0.0.0 for every network.")]
    public string Host { get; init; } = "127.0.0.1";

    [Description("Host names browsers may use to reach the hub, as a guard against DNS rebinding; empty allows every name.")]
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    [Description("Addresses or networks (10.0.0.0/8) of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed.")]
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    [Range(1024, 1L << 40)]
    [Description("Longest request body in bytes, whatever it holds; a saved notebook and a piece of an upload are the longest.")]
    public long MaxBodyBytes { get; init; } = 256L << 20;

    [Range(1024, 1 << 30)]
    [Description("Longest JSON body in bytes where an endpoint names no limit of its own.")]
    public int MaxJsonBytes { get; init; } = 4 << 20;

    [Range(4, 1000)]
    [Description("Deepest nesting of a JSON body.")]
    public int MaxJsonDepth { get; init; } = 100;

    [Range(4096, 1 << 20)]
    [Description("Longest sum of all headers of a request in bytes.")]
    public int MaxHeaderBytes { get; init; } = 32 << 10;

    [Range(1024, 1 << 20)]
    [Description("Longest request line in bytes: method, path and query.")]
    public int MaxRequestLineBytes { get; init; } = 16 << 10;

    [Range(10, 1_000_000)]
    [Description("Most connections open at once, WebSockets included.")]
    public int MaxConnections { get; init; } = 20_000;

    [Range(1, 600)]
    [Description("Seconds a client may take to send its headers.")]
    public int HeaderTimeoutSeconds { get; init; } = 30;

    [Range(0, 600)]
    [Description("Seconds that requests under way may take when the hub stops or is replaced; then they are cut.")]
    public int DrainSeconds { get; init; } = 5;

    [Range(1, 3600)]
    [Description("Seconds an idle connection is kept for the next request.")]
    public int KeepAliveSeconds { get; init; } = 130;

    [Range(1, 600)]
    [Description("Seconds between pings on an idle WebSocket; many proxies cut one off that is silent for 60.")]
    public int WebSocketPingSeconds { get; init; } = 45;

    [Description("Compress JSON and pages on the way to the browser.")]
    public bool Compress { get; init; } = true;
}
