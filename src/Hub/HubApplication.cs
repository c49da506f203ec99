namespace Hub;

/// <summary>The table of contents: every room is registered and mapped here, nowhere else.</summary>
public static class HubApplication
{
    /// <summary>Builds the hub from the usual sources of settings; it neither listens nor starts anything yet.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is out of range; the message names its key (thrown by start).</exception>
    public static WebApplication Create(string[] arguments)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(arguments);
        WebApplication app = builder.Build();
        return app;
    }
}
