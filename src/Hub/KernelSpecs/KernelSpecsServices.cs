using Microsoft.Extensions.Options;

namespace Hub.KernelSpecs;

/// <summary>Registration of room KernelSpecs.</summary>
public static class KernelSpecsServices
{
    public static IServiceCollection AddKernelSpecs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<KernelSpecsOptions>().Bind(configuration.GetSection(KernelSpecsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<KernelSpecsOptions>, KernelSpecsOptionsCheck>();
        services.AddSingleton<KernelSpecCatalog>();
        return services;
    }

    private sealed class KernelSpecsOptionsCheck : IValidateOptions<KernelSpecsOptions>
    {
        public ValidateOptionsResult Validate(string? name, KernelSpecsOptions options)
        {
            List<string> problems = [.. options.Specs.Select(entry => ConfiguredKernelSpecs.Problem(entry.Key, entry.Value)).OfType<string>()];
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
