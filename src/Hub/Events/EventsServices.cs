using Hub.Events.Audit;

namespace Hub.Events;

/// <summary>Registers the stream of what happens, and the audit that keeps it.</summary>
public static class EventsServices
{
    public static IServiceCollection AddEvents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AuditOptions>().Bind(configuration.GetSection(AuditOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<EventStream>();
        services.AddSingleton<AuditSeal>();
        services.AddSingleton<AuditStore>();
        services.AddHostedService<AuditLog>();
        services.AddHostedService<AuditKeeper>();
        return services;
    }
}
