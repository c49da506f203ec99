using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Telemetry;

/// <summary>The hub's figures for Prometheus, where JupyterHub's dashboards look for them too.</summary>
public static class MetricsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        if (!app.ServiceProvider.GetRequiredService<IOptions<TelemetryOptions>>().Value.Metrics)
            return;
        const string why = "Figures about the whole hub, none about a person; Telemetry:Metrics switches them off.";
        foreach (string path in new[] { "/metrics", "/hub/metrics", "/hub/api/metrics" })
        {
            app.MapGet(path, async (MetricsRegistry registry, IEnumerable<IFigures> figures, HttpContext context) =>
            {
                foreach (IFigures one in figures)
                    await one.RefreshAsync(context.RequestAborted);
                context.Response.Headers.CacheControl = "no-store";
                return Results.Text(registry.Write(), PrometheusCodec.ContentType);
            }).Public(why);
        }
    }
}
