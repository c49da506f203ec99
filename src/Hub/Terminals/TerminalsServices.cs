using Hub.Contents.Quotas;
using Hub.Servers;
using Hub.Telemetry;

namespace Hub.Terminals;

/// <summary>Registers the room Terminals.</summary>
public static class TerminalsServices
{
    public static IServiceCollection AddTerminals(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TerminalsOptions>().Bind(configuration.GetSection(TerminalsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<TerminalStarter>();
        services.AddSingleton<TerminalRegistry>();
        services.AddSingleton<IServerPart, TerminalServerPart>();
        services.AddSingleton<IHomesInUse, TerminalHomes>();
        services.AddSingleton<IFigures, TerminalFigures>();
        services.AddSingleton<TerminalKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<TerminalKeeper>());
        return services;
    }
}
