namespace Hub.Servers;

/// <summary>Registration of room Servers.</summary>
public static class ServersServices
{
    public static IServiceCollection AddServers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ServerRegistry>();
        return services;
    }
}
