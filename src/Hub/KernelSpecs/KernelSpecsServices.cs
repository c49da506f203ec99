using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>Registration of room KernelSpecs.</summary>
public static class KernelSpecsServices
{
    public static IServiceCollection AddKernelSpecs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<KernelSpecsOptions>().Bind(configuration.GetSection(KernelSpecsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<KernelSpecsOptions>, KernelSpecsOptionsCheck>();
        services.AddSingleton<MountSources>();
        services.AddSingleton<KernelSpecCatalog>();
        services.AddSingleton<EnvironmentBoard>();
        services.AddSingleton<EnvironmentAccess>();
        services.AddSingleton<EnvironmentsStore>();
        services.AddSingleton<PanelEnvironments>();
        services.AddHostedService(provider => provider.GetRequiredService<PanelEnvironments>());
        services.AddSingleton<EnvironmentPreparer>();
        return services;
    }

    private sealed class KernelSpecsOptionsCheck(SpawnerChoice choice, MountSources sources) : IValidateOptions<KernelSpecsOptions>
    {
        public ValidateOptionsResult Validate(string? name, KernelSpecsOptions options)
        {
            List<string> problems = [.. options.Specs.Select(entry => Problem(entry.Key, entry.Value)).OfType<string>()];
            problems.AddRange(options.PanelMountRoots.Where(root => !Path.IsPathRooted(root)).Select(root => $"Kernels:PanelMountRoots: \"{root}\" is no absolute path."));
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }

        private string? Problem(string name, KernelSpecOptions entry)
        {
            if (ConfiguredKernelSpecs.Problem(name, entry) is { } problem)
                return problem;
            // Local processes have no mounts: what the configuration says of them is for another machine.
            return entry.Enabled && choice.Kind != SpawnerKind.Process ? sources.Problem("Kernels:Specs:" + name, ConfiguredKernelSpecs.MountsOf(entry), roots: null) : null;
        }
    }
}
