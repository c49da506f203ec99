using Hub.Accounts;
using Hub.Classes.Ending;
using Hub.Classes.Floor;
using Hub.Classes.Materials;
using Hub.Classes.Rosters;
using Hub.Contents.Quotas;
using Hub.KernelSpecs;

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
        services.AddSingleton<IHomeQuotaSource, ClassHomeQuotas>();
        services.AddSingleton<ClassCallHandler>();
        services.AddSingleton<ClassFieldsHandler>();
        services.AddSingleton<ClassesApi>();
        services.AddSingleton<ClassMembersApi>();
        services.AddSingleton<FloorStore>();
        services.AddSingleton<Visits>();
        services.AddHostedService(provider => provider.GetRequiredService<Visits>());
        services.AddSingleton<IScopeSource>(provider => provider.GetRequiredService<Visits>());
        services.AddSingleton<ClassFloor>();
        services.AddHostedService(provider => provider.GetRequiredService<ClassFloor>());
        services.AddHostedService<ClassClosing>();
        services.AddSingleton<IRaisedHands>(provider => provider.GetRequiredService<ClassFloor>());
        services.AddSingleton<IUserPart>(provider => provider.GetRequiredService<ClassFloor>());
        services.AddSingleton<FloorApi>();
        services.AddSingleton<HandedFilesApi>();
        services.AddSingleton<VisitsApi>();
        services.AddSingleton<JoinPages>();
        services.AddSingleton<ClassPages>();
        return services;
    }
}
