using Hub.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Hub.Accounts;

/// <summary>Registers users, tokens and the enforcement of scopes.</summary>
public static class AccountsServices
{
    public static IServiceCollection AddAccounts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccountsOptions>().Bind(configuration.GetSection(AccountsOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<AccountsStore>();
        services.AddSingleton<TokensStore>();
        services.AddSingleton<TokenIssuer>();
        services.AddSingleton<CallerWatch>();
        services.AddSingleton<UserModels>();
        services.AddSingleton<UsersApi>();
        services.AddSingleton<TokensApi>();
        services.TryAddSingleton<IUserServers, NoServers>();
        services.AddSingleton<IReadiness, AccountsReadiness>();
        services.AddSingleton<IFigures, AccountFigures>();
        services.AddHostedService<AdminTokenStart>();
        return services;
    }
}
