using Hub.Accounts;

namespace Hub.Servers;

/// <summary>Registration of room Servers.</summary>
public static class ServersServices
{
    public static IServiceCollection AddServers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ServersOptions>().Bind(configuration.GetSection(ServersOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ServersStore>();
        services.AddSingleton<ServerRegistry>();
        services.AddSingleton<ServersApi>();
        services.AddSingleton<NamedServersHandler>();
        services.AddSingleton<IUserPart, ServersUserPart>();
        services.AddSingleton<IUserServers, AccountServers>();
        services.AddHostedService<ServersStart>();
        return services;
    }
}
