using Hub.Accounts.Services;
using Hub.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

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
        services.AddOptions<RolesOptions>().Bind(configuration.GetSection(RolesOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RolesOptions>, RolesCheck>();
        services.AddSingleton<RoleBook>();
        services.AddOptions<ServicesOptions>().Bind(configuration.GetSection(ServicesOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ServicesOptions>, ServicesCheck>();
        services.AddSingleton<ServiceBook>();
        services.AddSingleton<Rights>();
        services.AddSingleton<GroupsStore>();
        services.AddSingleton<IGroupMembership, GroupMembership>();
        services.AddSingleton<GroupsApi>();
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
