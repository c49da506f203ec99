using Hub.Accounts;

namespace Hub.Contents;

/// <summary>Registers the room Contents.</summary>
public static class ContentsServices
{
    public static IServiceCollection AddContents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ContentsOptions>().Bind(configuration.GetSection(ContentsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Homes>();
        services.AddSingleton<ContentThreads>();
        services.AddSingleton<NotebookTurns>();
        services.AddSingleton<TrustStore>();
        services.AddSingleton<ContentCallHandler>();
        services.AddSingleton<IUserPart, UserHomes>();
        return services;
    }
}
