using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Hub.Accounts.Services;

/// <summary>The services there are, and which of them a token is.</summary>
public sealed class ServiceBook
{
    private readonly FrozenDictionary<string, Service> _byName;
    private readonly FrozenDictionary<string, Caller> _byTokenHash;

    public ServiceBook(IOptions<ServicesOptions> options, RoleBook roles)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(roles);
        _byName = options.Value.ToFrozenDictionary(
            service => service.Key, service => new Service(service.Key, service.Value, RolesOf(roles, service.Key, service.Value.Admin)), StringComparer.Ordinal);
        _byTokenHash = _byName.Values.Where(service => service.Options.ApiToken is not null)
            .ToFrozenDictionary(service => Secret.Hash(service.Options.ApiToken!), service => CallerOf(service, roles), StringComparer.Ordinal);
    }

    /// <summary>Sorted by name.</summary>
    public IReadOnlyList<Service> All => [.. _byName.Values.OrderBy(service => service.Name, StringComparer.Ordinal)];

    public Service? Find(string name) => _byName.GetValueOrDefault(name);

    public Service? FindClient(string clientId) => _byName.Values.FirstOrDefault(service => service.ClientId == clientId && service.Options.OAuthRedirect.Length > 0);

    /// <summary>The service whose token this is; null when it is none's. Looked up by hash, so how long it takes tells nothing of the token.</summary>
    public Caller? Authenticate(string token) => _byTokenHash.GetValueOrDefault(Secret.Hash(token));

    /// <summary>Is this the service's secret?</summary>
    public bool IsSecretOf(Service service, string secret) => Authenticate(secret)?.Service == service?.Name;

    private static IReadOnlyList<string> RolesOf(RoleBook roles, string service, bool admin) =>
        [.. roles.OfService(service).Concat(admin ? [Role.Admin] : []).Order(StringComparer.Ordinal)];

    /// <summary>No user's name holds a colon, so a service is never taken for a user.</summary>
    private static Caller CallerOf(Service service, RoleBook roles)
    {
        IEnumerable<string> scopes =
            service.Roles.SelectMany(role => roles.FindScopes(role) ?? []).Concat(service.Options.Scopes).Append($"{Scope.ReadServicesName}!service={service.Name}");
        return new Caller(0, "service:" + service.Name, ByToken: true, ScopeSet.Of(scopes.Where(scope => scope is not (Scope.Self or Scope.Inherit)), new ScopeOwner("")))
        {
            DisplayName = service.Name,
            Admin = service.Options.Admin,
            Service = service.Name,
        };
    }
}
