using Hub.Accounts;
using Hub.Servers;

namespace Hub.Sharing;

/// <summary>Registers shares, their codes and the pages about them.</summary>
public static class SharingServices
{
    public static IServiceCollection AddSharing(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SharingOptions>().Bind(configuration.GetSection(SharingOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SharesStore>();
        services.AddSingleton<ShareCodesStore>();
        services.AddSingleton<ShareGrants>();
        services.AddSingleton<IScopeSource>(provider => provider.GetRequiredService<ShareGrants>());
        services.AddHostedService(provider => provider.GetRequiredService<ShareGrants>());
        services.AddHostedService<ShareCodesSweep>();
        services.AddSingleton<Shares>();
        services.AddSingleton<IServerPart, ShareServerPart>();
        services.AddSingleton<ShareModels>();
        services.AddSingleton<ShareCallHandler>();
        services.AddSingleton<SharesApi>();
        services.AddSingleton<SharedApi>();
        services.AddSingleton<ShareCodesApi>();
        services.AddSingleton<SharePages>();
        return services;
    }
}
