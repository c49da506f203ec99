using Hub.Contents.Quotas;
using Hub.Kernels.Culling;
using Hub.Kernels.Reconciling;
using Hub.Kernels.Starting;
using Hub.KernelSpecs;
using Hub.Servers;
using Hub.Storage;
using Spawner;
using Spawner.Docker;

namespace Hub.Kernels;

/// <summary>Registers the room Kernels, with the spawner <c>Hub:Spawner</c> chooses.</summary>
public static class KernelsServices
{
    public static IServiceCollection AddKernels(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<KernelsOptions>().Bind(configuration.GetSection(KernelsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        HubOptions hub = configuration.GetSection(HubOptions.Section).Get<HubOptions>() ?? new HubOptions();
        // A word that is none of the three stops the start when the options are checked, with the key named.
        string wanted = hub.Spawner is "auto" or "docker" ? hub.Spawner : "process";
        SpawnerChoice choice = SpawnerChooser.Choose(wanted, configuration.GetSection(DockerOptions.Section).Get<DockerOptions>() ?? new DockerOptions());
        services.AddSpawner(configuration, choice, new DataLayout(Path.GetFullPath(hub.Data)).Run);

        services.AddOptions<StartsOptions>().Bind(configuration.GetSection(StartsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<MachineMemory>();
        services.AddSingleton<StartQueue>();
        services.AddSingleton<KernelStarter>();
        services.AddSingleton<KernelRegistry>();
        services.AddSingleton<IHomesInUse, KernelHomes>();
        services.AddSingleton<TabPulse>();
        services.AddSingleton<CellNotes>();
        services.AddSingleton<IServerPart, KernelServerPart>();
        // Before kernels are adopted: a start that is refused has touched nothing.
        services.AddSingleton<IKernelDemand, ClassReadiness>();
        services.AddSingleton<KernelPool>();
        services.AddSingleton<IKernelsAhead>(provider => provider.GetRequiredService<KernelPool>());
        services.AddHostedService(provider => provider.GetRequiredService<KernelPool>());
        services.AddSingleton<InternetWatch>();
        services.AddSingleton<IInternetNeeds>(provider => provider.GetRequiredService<InternetWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<InternetWatch>());
        services.AddHostedService<KernelAdoption>();
        services.AddOptions<CullingOptions>().Bind(configuration.GetSection(CullingOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<KernelCuller>();
        services.AddHostedService(provider => provider.GetRequiredService<KernelCuller>());
        services.AddSingleton<KernelReconciler>();
        services.AddHostedService(provider => provider.GetRequiredService<KernelReconciler>());
        services.AddSingleton<ImagePreparation>();
        services.AddHostedService(provider => provider.GetRequiredService<ImagePreparation>());
        return services;
    }
}
