using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Spawner.Docker;
using Spawner.Docker.Internet;
using Spawner.Processes;

namespace Spawner;

/// <summary>Registration: one <see cref="ISpawner"/> and its <see cref="IImagePreparer"/>, with their options.</summary>
public static class SpawnerServices
{
    /// <param name="services">Where to register.</param>
    /// <param name="configuration">Holds the sections of <see cref="DockerOptions"/> and <see cref="ProcessOptions"/>.</param>
    /// <param name="choice">What <see cref="SpawnerChooser"/> said.</param>
    /// <param name="runDirectory">The hub's directory for what lives as long as a kernel.</param>
    public static IServiceCollection AddSpawner(this IServiceCollection services, IConfiguration configuration, SpawnerChoice choice, string runDirectory)
    {
        services.AddOptions<DockerOptions>().Bind(configuration.GetSection(DockerOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<DockerOptions>, DockerOptionsCheck>();
        services.AddOptions<ProcessOptions>().Bind(configuration.GetSection(ProcessOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => SpawnSite.Open(runDirectory));
        services.AddSingleton(choice);
        if (choice.Kind == SpawnerKind.Container)
        {
            services.AddSingleton<DockerSpawner>();
            services.AddSingleton<ISpawner>(provider => provider.GetRequiredService<DockerSpawner>());
            services.AddSingleton<IImagePreparer>(provider => provider.GetRequiredService<DockerSpawner>());
        }
        else
        {
            services.AddSingleton<ProcessSpawner>();
            services.AddSingleton<ISpawner>(provider => provider.GetRequiredService<ProcessSpawner>());
            services.AddSingleton<IImagePreparer>(provider => provider.GetRequiredService<ProcessSpawner>());
        }
        return services;
    }
}
