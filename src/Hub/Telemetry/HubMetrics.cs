using System.Diagnostics.Metrics;
using System.Reflection;

namespace Hub.Telemetry;

/// <summary>The meter of the hub's own figures; rooms create their instruments on <see cref="Meter"/>, and name, unit and description are all they need.</summary>
public sealed class HubMetrics
{
    public const string MeterName = "Hub";

    public HubMetrics(IMeterFactory meters)
    {
        Meter = meters.Create(MeterName);
        Meter.CreateObservableGauge(
            "hub.build.info",
            () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", Version), new KeyValuePair<string, object?>("commit", Commit)),
            description: "Always 1; the labels say which build runs.");
    }

    public Meter Meter { get; }

    /// <summary>Version of the product, such as <c>0.1.0</c>.</summary>
    public static string Version { get; } = Informational.Split('+')[0];

    /// <summary>Commit the build was made from, or empty.</summary>
    public static string Commit { get; } = Informational.Split('+') is [_, var commit] ? commit : "";

    private static string Informational =>
        typeof(HubMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
