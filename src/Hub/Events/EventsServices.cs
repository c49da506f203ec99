namespace Hub.Events;

/// <summary>Registers the stream of what happens.</summary>
public static class EventsServices
{
    public static IServiceCollection AddEvents(this IServiceCollection services) => services.AddSingleton<EventStream>();
}
