using Hub.Admin.Environments;
using Hub.Admin.Walls;
using Hub.Http;
using Hub.Lab;
using Microsoft.AspNetCore.SignalR;

namespace Hub.Admin;

/// <summary>Registration of room Admin.</summary>
internal static class AdminServices
{
    public static IServiceCollection AddAdmin(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AdminOptions>().Bind(configuration.GetSection(AdminOptions.Section)).ValidateDataAnnotations()
            .Validate(
                options => options.Assets.Length == 0 || LabBundles.FindRoot(options.Assets, "admin") is not null,
                "Admin:Assets is no directory with the panel's built scripts: it has no manifest.json.")
            .ValidateOnStart();
        services.AddSignalR(options => options.MaximumReceiveMessageSize = 4096)
            .AddJsonProtocol(options => ApiJson.Apply(options.PayloadSerializerOptions))
            .AddHubOptions<AdminFeed>(options => options.AddFilter<FeedScopeHandler>());
        services.AddSingleton<FeedScopeHandler>();
        services.AddSingleton<AdminWatchers>();
        services.AddSingleton<AdminTally>();
        services.AddHostedService(provider => provider.GetRequiredService<AdminTally>());
        services.AddSingleton<AdminMeter>();
        services.AddSingleton<AdminSnapshots>();
        services.AddSingleton<AdminReach>();
        services.AddSingleton<AdminSignUps>();
        services.AddSingleton<ClassWalls>();
        services.AddSingleton<EnvironmentRows>();
        services.AddSingleton<EnvironmentsApi>();
        services.AddSingleton<AdminFeedPump>();
        services.AddHostedService(provider => provider.GetRequiredService<AdminFeedPump>());
        services.AddSingleton<AdminUsers>();
        services.AddSingleton<AdminSettings>();
        services.AddSingleton<AdminBundle>();
        services.AddSingleton<AdminApi>();
        services.AddSingleton<ClassKernelStarts>();
        services.AddSingleton<ClassKernelsApi>();
        services.AddSingleton<AdminPages>();
        return services;
    }

    /// <summary>The panel's pages, scripts, API and live line.</summary>
    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        AdminApi.Map(routes);
        ClassKernelsApi.Map(routes);
        EnvironmentsApi.Map(routes);
        AdminPages.Map(routes);
    }
}
