namespace Hub.Telemetry;

/// <summary>Registration of room Telemetry.</summary>
public static class TelemetryServices
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TelemetryOptions>().Bind(configuration.GetSection(TelemetryOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<HubMetrics>();
        services.AddSingleton<MetricsRegistry>();
        services.AddSingleton<IReadiness, DatabaseReadinessStore>();
        services.AddHostedService<QuietCollector>();
        services.AddHostedService(provider => provider.GetRequiredService<MetricsRegistry>());
        return services;
    }
}
