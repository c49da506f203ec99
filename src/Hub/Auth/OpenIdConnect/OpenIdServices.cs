using Microsoft.Extensions.Options;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Registers signing in by OpenID Connect.</summary>
public static class OpenIdServices
{
    public static void AddOpenId(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<AuthOptions>, OptionsCheck>();
        services.AddSingleton<OpenIdProviders>();
        services.AddSingleton<IdentitiesStore>();
        services.AddSingleton<OpenIdSignInsStore>();
        services.AddSingleton<UsedOnceStore>();
        services.AddSingleton<SavedTokens>();
        services.AddSingleton<ArrivalHandler>();
        services.AddSingleton<SignOutHandler>();
        services.AddSingleton<OpenIdPages>();
        services.AddSingleton<BackChannelLogoutApi>();
        services.AddHostedService<OpenIdStart>();
        services.AddHostedService<SignInRecheck>();
        ConfigureOpenIdHandler.Register(services, configuration);
    }

    /// <summary>The sections of the providers, for what must be known before settings are checked.</summary>
    internal static IEnumerable<IConfigurationSection> SectionsOf(IConfiguration configuration) =>
        configuration.GetSection($"{AuthOptions.Section}:{nameof(AuthOptions.OpenId)}").GetChildren();

    private sealed class OptionsCheck : IValidateOptions<AuthOptions>
    {
        public ValidateOptionsResult Validate(string? name, AuthOptions options)
        {
            List<string> problems = [.. OpenIdSettingsPolicy.Problems(options.OpenId)];
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
