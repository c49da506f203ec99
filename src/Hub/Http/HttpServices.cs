using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Hub.Http;

/// <summary>Registration of room Http and the first stations of every request.</summary>
public static class HttpServices
{
    public static IServiceCollection AddHttp(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<HttpOptions>().Bind(configuration.GetSection(HttpOptions.Section)).ValidateDataAnnotations()
            .Validate(
                options => options.TrustedProxies.All(proxy => IPNetwork.TryParse(proxy, out _) || IPAddress.TryParse(proxy, out _)),
                "Http:TrustedProxies holds something that is neither an address nor a network such as 10.0.0.0/8.")
            .ValidateOnStart();
        services.ConfigureHttpJsonOptions(json => ApiJson.Apply(json.SerializerOptions));
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<HttpOptions>, TimeProvider>((kestrel, options, time) =>
        {
            Limit(kestrel, options.Value);
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => new RefusalHandler(next, options.Value, time).OnConnectionAsync));
        });
        services.AddSingleton<ListeningSockets>();
        services.AddSingleton<SocketTransportFactory>();
        services.AddSingleton<IConnectionListenerFactory, LeavableListenerFactory>();
        services.AddOptions<SocketTransportOptions>().Configure<ListeningSockets>((transport, sockets) => transport.CreateBoundListenSocket = sockets.Bind);
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<HttpOptions>>((forwarded, options) => Trust(forwarded, options.Value));
        // What a socket received goes on where it was received, and what is sent is sent where it was written: one wake-up of a thread less each way,
        // which is most of what a small message costs. Safe while nothing between socket and handler blocks.
        services.Configure<SocketTransportOptions>(transport => transport.UnsafePreferInlineScheduling = true);
        services.AddOptions<WebSocketOptions>().Configure<IOptions<HttpOptions>>((sockets, options) =>
        {
            sockets.KeepAliveInterval = TimeSpan.FromSeconds(options.Value.WebSocketPingSeconds);
            sockets.KeepAliveTimeout = TimeSpan.FromSeconds(options.Value.WebSocketPingSeconds);
        });
        services.AddRazorComponents();
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true; // no answer mixes a secret with text somebody else chose
            compression.MimeTypes = ["application/json", "text/html", "text/css", "image/svg+xml"];
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
        });
        return services;
    }

    /// <summary>
    /// 1. believe proxies we trust; 2. shape errors; 3. security headers; 4. refuse foreign hosts and climbing paths; 5. compress; 6. WebSockets, none while the hub stops.
    /// </summary>
    public static void UseHttp(this WebApplication app)
    {
        HttpOptions options = app.Services.GetRequiredService<IOptions<HttpOptions>>().Value;
        ListenWhereAsked(app, options);
        if (options.TrustedProxies.Count > 0)
            app.UseForwardedHeaders();
        app.Use(ConnectionPhase.InvokeAsync);
        app.UseMiddleware<ErrorMiddleware>();
        app.Use(SecurityHeadersMiddleware.InvokeAsync);
        app.UseMiddleware<HostMiddleware>();
        app.Use(RawPathMiddleware.InvokeAsync);
        if (options.Compress)
            app.UseResponseCompression();
        app.UseWebSockets();
        app.UseMiddleware<StoppingMiddleware>();
    }

    private static void ListenWhereAsked(WebApplication app, HttpOptions options)
    {
        if (app.Configuration["urls"] is not null || app.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
            return;
        // "localhost" means both loopback addresses, which cannot share a port chosen by the system.
        string host = options is { Port: 0, Host: "localhost" } ? "127.0.0.1" : options.Host;
        app.Urls.Add($"http://{(host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host)}:{options.Port}");
    }

    private static void Limit(KestrelServerOptions kestrel, HttpOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = options.MaxHeaderBytes;
        kestrel.Limits.MaxRequestLineSize = options.MaxRequestLineBytes;
        kestrel.Limits.MaxRequestBufferSize = Math.Max(1 << 20, Math.Max(options.MaxHeaderBytes, options.MaxRequestLineBytes));
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = options.MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(options.HeaderTimeoutSeconds);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(options.KeepAliveSeconds);
    }

    private static void Trust(ForwardedHeadersOptions forwarded, HttpOptions options)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (string proxy in options.TrustedProxies)
        {
            if (IPAddress.TryParse(proxy, out IPAddress? address))
                forwarded.KnownProxies.Add(address);
            else
                forwarded.KnownIPNetworks.Add(IPNetwork.Parse(proxy));
        }
    }
}
