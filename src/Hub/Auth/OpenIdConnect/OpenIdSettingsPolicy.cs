using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Hub.Auth.OpenIdConnect;

/// <summary>What may be wrong about the settings of providers.</summary>
public static partial class OpenIdSettingsPolicy
{
    /// <summary>Each problem in a sentence that names the setting.</summary>
    public static IEnumerable<string> Problems(IReadOnlyDictionary<string, OpenIdProviderOptions> providers)
    {
        foreach ((string name, OpenIdProviderOptions provider) in providers)
        {
            foreach (string problem in ProblemsOf(name, provider))
                yield return $"Auth:OpenId:{name}{problem}";
        }
        foreach (string path in providers.Select(one => new OpenIdProvider(one.Key, one.Value, null)).SelectMany(Paths)
            .GroupBy(path => path, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1).Select(same => same.Key))
            yield return $"Auth:OpenId has the path {path} twice: every provider needs its own, or answers of one could pass for another's.";
    }

    private static IEnumerable<string> ProblemsOf(string name, OpenIdProviderOptions provider)
    {
        if (!NamePattern().IsMatch(name))
            yield return ": the name must be of a–z, 0–9 and hyphens, at most 32, since it is part of addresses.";
        if (provider.Authority.Length == 0 && provider.MetadataAddress.Length == 0)
            yield return ":Authority is missing: the address of the provider.";
        foreach ((string key, string address) in new[] { ("Authority", provider.Authority), ("MetadataAddress", provider.MetadataAddress) })
        {
            if (address.Length > 0 && !(Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "https" or "http"))
                yield return $":{key} must be an address such as https://sso.school.example.";
            else if (address.Length > 0 && provider.RequireHttpsMetadata && !address.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
                yield return $":{key} must begin with https:// (RequireHttpsMetadata).";
        }
        if (provider.ClientId.Length == 0)
            yield return ":ClientId is missing: register this hub with the provider, which tells it.";
        foreach ((string key, string path) in new[] { ("CallbackPath", provider.CallbackPath), ("SignedOutCallbackPath", provider.SignedOutCallbackPath), ("RemoteSignOutPath", provider.RemoteSignOutPath) })
        {
            if (path.Length > 0 && !PathPattern().IsMatch(path))
                yield return $":{key} must be a path such as /hub/oauth_callback.";
        }
        foreach ((string key, TimeSpan value, TimeSpan least, TimeSpan most) in Spans(provider))
        {
            if (value < least || value > most)
                yield return $":{key} must be between {least} and {most}.";
        }
        foreach (string unknown in provider.TokenValidationParameters.ValidAlgorithms.Except(SignaturePolicy.Algorithms))
            yield return $":TokenValidationParameters:ValidAlgorithms: {unknown} is not one of {string.Join(", ", SignaturePolicy.Algorithms)}.";
        foreach (string condition in provider.Allow.Claims.Concat(provider.Deny.Claims).Concat(provider.AdminClaims).Where(condition => condition.IndexOf('=') < 1))
            yield return $": '{condition}' is no claim; write path=value, such as realm_access.roles=notebooks.";
        var wrong = new List<ValidationResult>();
        Validator.TryValidateObject(provider, new ValidationContext(provider), wrong, validateAllProperties: true);
        foreach (ValidationResult one in wrong)
            yield return $":{one.MemberNames.FirstOrDefault()}: {one.ErrorMessage}";
    }

    private static IEnumerable<string> Paths(OpenIdProvider provider) => [provider.CallbackPath, provider.SignedOutCallbackPath];

    private static (string Key, TimeSpan Value, TimeSpan Least, TimeSpan Most)[] Spans(OpenIdProviderOptions provider) =>
    [
        ("TokenValidationParameters:ClockSkew", provider.TokenValidationParameters.ClockSkew, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        ("BackchannelTimeout", provider.BackchannelTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2)),
        ("RemoteAuthenticationTimeout", provider.RemoteAuthenticationTimeout, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
        ("RefreshInterval", provider.RefreshInterval, TimeSpan.Zero, TimeSpan.FromDays(1)),
        ("AutomaticRefreshInterval", provider.AutomaticRefreshInterval, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)),
        ("RecheckInterval", provider.RecheckInterval, TimeSpan.Zero, TimeSpan.FromDays(7)),
        ("RetryInterval", provider.RetryInterval, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        ("MaxAge", provider.MaxAge ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(365)),
    ];

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{0,31})\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A(?:/[A-Za-z0-9._~-]+)+\z")]
    private static partial Regex PathPattern();
}
