using Hub.Accounts;
using Hub.Classes.Ending;
using Hub.Classes.Materials;
using Hub.Classes.Rosters;
using Hub.KernelSpecs;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Hub.Classes;

/// <summary>Registers classes, joining by code, materials, rosters and the end of classes.</summary>
public static class ClassesServices
{
    public static IServiceCollection AddClasses(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ClassesOptions>().Bind(configuration.GetSection(ClassesOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ClassGroupsStore>();
        services.AddSingleton<IScopeSource, ClassScopes>();
        services.AddSingleton<ClassesStore>();
        services.TryAddSingleton<IRaisedHands, NoHands>();
        services.AddSingleton<JoinStore>();
        services.AddSingleton<JoinThrottle>();
        services.AddSingleton<RosterStore>();
        services.AddSingleton<ClassMaterials>();
        services.AddSingleton<ClassNotebooks>();
        services.AddSingleton<HandOuts>();
        services.AddHostedService(provider => provider.GetRequiredService<HandOuts>());
        services.AddSingleton<ClassExport>();
        services.AddSingleton<Guests>();
        services.AddSingleton<ClassEnding>();
        services.AddHostedService(provider => provider.GetRequiredService<ClassEnding>());
        services.AddSingleton<ClassRules>();
        services.AddSingleton<IUserEnvironment>(provider => provider.GetRequiredService<ClassRules>());
        services.AddSingleton<ClassCallHandler>();
        services.AddSingleton<ClassFieldsHandler>();
        services.AddSingleton<ClassesApi>();
        services.AddSingleton<ClassMembersApi>();
        services.AddSingleton<JoinPages>();
        services.AddSingleton<ClassPages>();
        return services;
    }
}
