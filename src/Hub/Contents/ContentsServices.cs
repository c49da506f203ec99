namespace Hub.Contents;

/// <summary>Registers the room Contents.</summary>
public static class ContentsServices
{
    public static IServiceCollection AddContents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ContentsOptions>().Bind(configuration.GetSection(ContentsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Homes>();
        return services;
    }
}
