using Hub.Accounts;
using Hub.Auth.OAuth;
using Hub.Auth.OpenIdConnect;
using Hub.Auth.TwoStep;
using Hub.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Hub.Auth;

/// <summary>Registers the ways to sign in, and puts them into the pipeline.</summary>
public static class AuthServices
{
    public static IServiceCollection AddAuth(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AuthOptions>().Bind(configuration.GetSection(AuthOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddRazorComponents();
        services.AddSingleton<PasswordsStore>();
        services.AddSingleton<SignInsStore>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<XsrfTokens>();
        services.AddSingleton<CookieHandler>();
        services.AddSingleton<SignInPages>();
        services.AddSingleton<PasswordPages>();
        services.AddSingleton<TokenPages>();
        services.AddSingleton<PasswordsApi>();
        services.AddSingleton<OAuthCodesStore>();
        services.AddSingleton<OAuthPages>();
        services.AddSingleton<OAuthTokenApi>();
        services.AddSingleton(new OperatorConsole(Console.Out));
        services.AddSingleton<SignUpsStore>();
        services.AddSingleton<SignUpPages>();
        services.AddSingleton<SignUpsApi>();
        services.AddSingleton<TwoStepStore>();
        services.AddSingleton<TwoStepSeals>();
        services.AddSingleton<TwoStepSignIn>();
        services.AddSingleton<SecondStepHandler>();
        services.AddSingleton<TwoStepPages>();
        services.AddSingleton<TwoStepApi>();
        services.AddSingleton<SignInsPages>();
        services.AddSingleton<SignInsApi>();
        services.AddOpenId(configuration);
        services.TryAddSingleton<HubAddress>();
        services.AddHostedService<FirstLinkStart>();
        return services;
    }

    /// <summary>1. who is asking: by token, else by sign-in; 2. does the request come from our own pages; 3. may they do this; 4. the audit is told.</summary>
    public static void UseCallers(this IApplicationBuilder app)
    {
        app.UseMiddleware<HubVersionMiddleware>();
        app.UseMiddleware<TokenMiddleware>();
        app.UseMiddleware<SignInMiddleware>();
        app.UseMiddleware<XsrfMiddleware>();
        app.UseMiddleware<ScopeMiddleware>();
        app.UseMiddleware<AuditMiddleware>();
    }
}
