using Hub.Accounts;
using Hub.Contents.Saving;

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
        services.AddSingleton<UploadTurns>();
        services.AddSingleton<TrustStore>();
        services.AddSingleton<ContentCallHandler>();
        services.AddSingleton<DocumentPages>();
        services.AddSingleton<IUserPart, UserHomes>();
        return services;
    }
}
