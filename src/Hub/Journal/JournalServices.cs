using Hub.Journal.Recording;

namespace Hub.Journal;

/// <summary>Registers the room Journal.</summary>
public static class JournalServices
{
    public static IServiceCollection AddJournal(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<JournalOptions>().Bind(configuration.GetSection(JournalOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RecorderOptions>().Bind(configuration.GetSection(RecorderOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<JournalStore>();
        services.AddSingleton<Recorder>();
        return services;
    }
}
