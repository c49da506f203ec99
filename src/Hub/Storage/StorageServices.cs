using Hub.Storage.Copies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Hub.Storage;

/// <summary>Registers the data directory, the database and the protection keys.</summary>
public static class StorageServices
{
    /// <summary>Part of every purpose: a copy of the keys elsewhere protects nothing of this product.</summary>
    private const string ApplicationName = "Notebook Hub";

    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<HubOptions>().Bind(configuration.GetSection(HubOptions.Section))
            .PostConfigure(options => options.AdminToken = Given(options.AdminToken) ?? Given(configuration["HUB_ADMIN_TOKEN"]))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => new DataLayout(Path.GetFullPath(provider.GetRequiredService<IOptions<HubOptions>>().Value.Data)));
        services.AddSingleton<DataLock>();
        services.AddSingleton<HubDatabase>();
        services.AddSingleton<DatabaseLock>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<DatabaseExport>();
        services.AddSingleton<DatabaseImport>();
        services.AddHostedService<StorageStart>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseLock>());
        services.AddSingleton<LaterWrites>();
        services.AddHostedService(provider => provider.GetRequiredService<LaterWrites>());

        services.AddDataProtection().SetApplicationName(ApplicationName);
        services.AddSingleton<KeyFiles>();
        services.AddOptions<KeyManagementOptions>().Configure<KeyFiles>((options, files) => options.XmlRepository = files);
        return services;
    }

    /// <summary>From here on a failing database is answered 503.</summary>
    public static void UseStorage(this IApplicationBuilder app) => app.UseMiddleware<DatabaseMiddleware>();

    private static string? Given(string? setting) => string.IsNullOrEmpty(setting) ? null : setting;
}
