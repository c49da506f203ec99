using Hub.Accounts;
using Hub.Accounts.Services;

namespace Hub.Auth.OAuth;

/// <summary>What a service asks of a person: RFC 6749 §4.1.1 with RFC 7636 §4.3. Decides, knows nothing of requests.</summary>
internal sealed record OAuthRequest(string ClientId, string RedirectUri, string ResponseType, string State, string Scope, string Challenge, string ChallengeMethod)
{
    /// <summary>Longest state sent back, in characters; longer ones would make the address too long for some servers.</summary>
    private const int LongestState = 4096;

    /// <summary>Of SHA-256 in base64url without padding.</summary>
    private const int ChallengeLength = 43;

    /// <summary>Reads the fields of a query or form by name.</summary>
    public static OAuthRequest Of(Func<string, string> field) => new(
        field("client_id"), field("redirect_uri"), field("response_type"), field("state"), field("scope"), field("code_challenge"), field("code_challenge_method"));

    /// <summary>
    /// Where the answer goes, if <see cref="RedirectUri"/> is exactly what <paramref name="service"/> registered; null when it is not, and then nothing may
    /// be sent there. A registered path is on the hub's own <paramref name="origin"/>, and may be asked for with it or without.
    /// </summary>
    public string? Destination(Service service, string origin)
    {
        string registered = service.Options.OAuthRedirect;
        bool isPath = registered.StartsWith('/');
        bool same = RedirectUri.Length == 0
            || string.Equals(RedirectUri, registered, StringComparison.Ordinal)
            || (isPath && string.Equals(RedirectUri, origin + registered, StringComparison.Ordinal));
        return same ? isPath ? origin + registered : registered : null;
    }

    /// <summary>What is wrong with the request, once it is known where to answer; null when nothing is.</summary>
    public OAuthError? Problem(Service service)
    {
        if (ResponseType != "code")
            return new OAuthError("unsupported_response_type", "response_type must be code");
        if (State.Length > LongestState)
            return new OAuthError("invalid_request", "state is too long");
        if (Challenge.Length == 0 && ChallengeMethod.Length > 0)
            return new OAuthError("invalid_request", "code_challenge is missing");
        if (Challenge.Length > 0 && ChallengeMethod != "S256")
            return new OAuthError("invalid_request", "code_challenge_method must be S256");
        if (Challenge.Length > 0 && (Challenge.Length != ChallengeLength || !Challenge.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')))
            return new OAuthError("invalid_request", "code_challenge is not a SHA-256 in base64url");
        var whoever = new ScopeOwner("?");
        return ScopeSet.TryParse(Scopes(service), whoever, out ScopeSet? asked, out string? error)
            ? ScopeSet.Of(service.AskableScopes, whoever).Covers(asked) || service.AskableScopes.Contains(Accounts.Scope.Inherit)
                ? null
                : new OAuthError("invalid_scope", "the service may not ask for " + string.Join(' ', ScopeSet.Of(service.AskableScopes, whoever).Missing(asked)))
            : new OAuthError("invalid_scope", error);
    }

    /// <summary>The scopes asked for; all the service may ask for when it names none. To be let into the service is always among them.</summary>
    public IReadOnlyList<string> Scopes(Service service)
    {
        string[] named = Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return named.Length == 0 ? service.AskableScopes : [.. named.Append(service.AccessScope).Distinct()];
    }
}
