using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Sets <see cref="OpenIdConnectHandler"/> up for each provider, from its settings.</summary>
internal sealed class ConfigureOpenIdHandler(OpenIdProviders providers, ArrivalHandler arrivals, UsedOnceStore used, IDataProtectionProvider protection)
    : IConfigureNamedOptions<OpenIdConnectOptions>
{
    /// <summary>One handler for each provider; nothing else of the framework's authentication is used, and so it costs other requests nothing.</summary>
    public static void Register(IServiceCollection services, IConfiguration configuration)
    {
        services.AddWebEncoders();
        var builder = new AuthenticationBuilder(services);
        foreach (IConfigurationSection provider in OpenIdServices.SectionsOf(configuration))
            builder.AddRemoteScheme<OpenIdConnectOptions, OpenIdConnectHandler>(provider.Key, provider.Key, _ => { });
        services.AddSingleton<IConfigureOptions<OpenIdConnectOptions>, ConfigureOpenIdHandler>();
    }

    /// <summary>The handler of a provider for this request.</summary>
    public static async Task<IAuthenticationRequestHandler> CreateAsync(HttpContext context, OpenIdProvider provider)
    {
        OpenIdConnectHandler handler = context.RequestServices.GetRequiredService<OpenIdConnectHandler>();
        await handler.InitializeAsync(new AuthenticationScheme(provider.Name, provider.DisplayName, typeof(OpenIdConnectHandler)), context);
        return handler;
    }

    public void Configure(OpenIdConnectOptions options)
    {
    }

    public void Configure(string? name, OpenIdConnectOptions options)
    {
        if (name is null || providers.Find(name) is not { } client)
            return;
        OpenIdProviderOptions settings = client.Provider.Options;
        options.Client = client;
        options.CallbackPath = client.Provider.CallbackPath;
        options.SaveTokens = settings.SaveTokens;
        options.BackchannelTimeout = settings.BackchannelTimeout;
        options.RemoteAuthenticationTimeout = settings.RemoteAuthenticationTimeout;
        options.IsFirstUse = used.IsFirstAsync;
        options.CorrelationCookie.Name = "hub-openid.";
        // The browser comes back by a link, so that a Lax cookie comes with it, and by no form of another site's.
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        // The name in the purpose: what was sealed for one provider is nothing to another.
        options.DataProtectionProvider = protection;
        options.StateDataFormat = new PropertiesDataFormat(protection.CreateProtector("Hub.Auth.OpenIdConnect", name, "state"));
        options.Events = new RemoteAuthenticationEvents { OnTicketReceived = arrivals.ArriveAsync, OnRemoteFailure = arrivals.RefuseAsync };
    }
}
