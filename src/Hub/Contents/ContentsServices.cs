using Hub.Accounts;
using Hub.Contents.Archives;
using Hub.Contents.Quotas;
using Hub.Contents.Saving;
using Hub.Contents.Watching;
using Microsoft.Extensions.Options;

namespace Hub.Contents;

/// <summary>Registers the room Contents.</summary>
public static class ContentsServices
{
    public static IServiceCollection AddContents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ContentsOptions>().Bind(configuration.GetSection(ContentsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HomesOptions>().Bind(configuration.GetSection(HomesOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<HomesOptions>, HomesCheck>();
        services.AddSingleton<HomeImages>();
        services.AddSingleton<IHomeQuotaSource, GroupQuotas>();
        services.AddSingleton<HomeQuotas>();
        services.AddSingleton<HomesRest>();
        services.AddHostedService<HomeKeeper>();
        services.AddSingleton<HomeWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<HomeWatcher>());
        services.AddSingleton<Homes>();
        services.AddSingleton<ContentThreads>();
        services.AddSingleton<NotebookTurns>();
        services.AddSingleton<UploadTurns>();
        services.AddSingleton<ArchiveTurns>();
        services.AddSingleton<TrustStore>();
        services.AddSingleton<ContentCallHandler>();
        services.AddSingleton<DocumentPages>();
        services.AddSingleton<IUserPart, UserHomes>();
        return services;
    }
}
