using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Hub.Accounts.Services;

/// <summary>Refuses at start what is no service, naming the key and never the token.</summary>
internal sealed partial class ServicesCheck : IValidateOptions<ServicesOptions>
{
    /// <summary>Characters a token needs at least: it is typed into settings by people, who may choose it badly.</summary>
    private const int ShortestToken = 16;

    public ValidateOptionsResult Validate(string? name, ServicesOptions options)
    {
        List<string> problems = [.. options.SelectMany(service => Problems(service.Key, service.Value).Select(problem => $"{ServicesOptions.Section}:{service.Key}{problem}"))];
        foreach (IGrouping<string, string> same in options.Where(service => service.Value.ApiToken is not null).GroupBy(service => service.Value.ApiToken!, service => service.Key))
        {
            if (same.Count() > 1)
                problems.Add($"{ServicesOptions.Section}: {string.Join(" and ", same)} have the same ApiToken.");
        }
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(string name, ServiceOptions service)
    {
        if (!ServiceName().IsMatch(name))
            yield return ": a service's name has 1 to 64 letters, digits and - _ .";
        if (service.ApiToken is { Length: < ShortestToken })
            yield return $":ApiToken: shorter than {ShortestToken} characters.";
        if (service.ApiToken?.Any(letter => letter is <= ' ' or > '~') == true)
            yield return ":ApiToken: holds something else than printable ASCII.";
        if (service.Url.Length > 0 && !IsWebAddress(service.Url))
            yield return ":Url: not an http or https address.";
        if (service.OAuthRedirect.Length > 0 && !IsRedirect(service.OAuthRedirect))
            yield return ":OAuthRedirect: neither an http or https address without a fragment nor a path such as /services/x/oauth_callback.";
        if (service.OAuthRedirect.Length > 0 && service.ApiToken is null)
            yield return ":ApiToken: missing; with OAuthRedirect the service needs it as its secret.";
        foreach ((string key, IList<string> scopes) in new[] { ("Scopes", service.Scopes), ("OAuthScopes", service.OAuthScopes) })
        {
            for (int i = 0; i < scopes.Count; i++)
            {
                if (ScopeSet.Check(scopes[i]) is { } problem)
                    yield return $":{key}:{i}: {problem}";
                else if (key == "Scopes" && scopes[i] is Scope.Self or Scope.Inherit)
                    yield return $":{key}:{i}: {scopes[i]} is for people and their tokens.";
            }
        }
    }

    private static bool IsWebAddress(string written) => Uri.TryCreate(written, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https";

    private static bool IsRedirect(string written) =>
        !written.Contains('#') && !written.Any(letter => letter is <= ' ' or '\\' or > '~')
        && (written[0] == '/' ? !written.StartsWith("//", StringComparison.Ordinal) : IsWebAddress(written));

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9\-_.]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ServiceName();
}
