namespace Hub.Sessions;

/// <summary>Registers the room Sessions.</summary>
public static class SessionsServices
{
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SessionRegistry>();
        services.AddHostedService<SessionsStart>();
        return services;
    }
}
