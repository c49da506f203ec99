using Hub.Accounts;
using Hub.Servers;
using Hub.Telemetry;

namespace Hub.Lab;

/// <summary>Registration of room Lab.</summary>
public static class LabServices
{
    public static IServiceCollection AddLab(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LabOptions>().Bind(configuration.GetSection(LabOptions.Section)).ValidateDataAnnotations()
            .Validate(
                options => options.Assets.Length == 0 || LabBundles.FindRoot(options.Assets) is not null,
                "Lab:Assets is no directory with a built front end: it has no manifest.json.")
            .ValidateOnStart();
        services.AddSingleton<LabBundles>();
        services.AddSingleton<ProfileFiles>();
        services.AddSingleton<IUserPart>(provider => provider.GetRequiredService<ProfileFiles>());
        services.AddSingleton<IServerPart>(provider => provider.GetRequiredService<ProfileFiles>());
        services.AddSingleton<SettingsApi>();
        services.AddSingleton<WorkspacesApi>();
        services.AddSingleton<ConfigApi>();
        services.AddSingleton<HomePages>();
        services.AddSingleton<LabPages>();
        services.AddSingleton<ApiSpecApi>();
        services.AddSingleton<HubSpecApi>();
        services.AddSingleton<IFigures, KernelFigures>();
        services.AddSingleton<EventsSocket>();
        return services;
    }

    /// <summary>The front end's files and pages, and what they ask of a user's server.</summary>
    public static void MapLab(this IEndpointRouteBuilder routes, RouteGroupBuilder userServer)
    {
        HomePages.Map(routes);
        LabAssetsApi.Map(routes);
        LabAssetsApi.MapUser(userServer);
        LabApi.Map(userServer);
        MeApi.Map(userServer);
        StatusApi.Map(userServer);
        SettingsApi.Map(userServer);
        WorkspacesApi.Map(userServer);
        ConfigApi.Map(userServer);
        EventsSocket.Map(userServer);
        ApiSpecApi.Map(userServer);
        HubSpecApi.Map(routes);
        LabPages.Map(userServer);
    }
}
