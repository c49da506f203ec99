using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Which logout tokens are believed, once their signature is good
/// (<see href="https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation">OpenID Connect Back-Channel Logout § 2.6</see>).
/// </summary>
public static class LogoutTokenPolicy
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    private const int LongestId = 255;

    private const int LongestSeconds = 24 * 60 * 60;

    /// <summary>What is wrong, for the log; null when nothing is.</summary>
    public static string? Problem(Jwt token, IdTokenRules rules)
    {
        JsonObject claims = token.Claims;
        if (token.Type is { } type && !type.Equals("JWT", StringComparison.OrdinalIgnoreCase) && !type.Equals("logout+jwt", StringComparison.OrdinalIgnoreCase))
            return $"the token is of the type {IdTokenPolicy.Quoted(type)}";
        if (IdTokenPolicy.CommonProblem(claims, rules) is { } problem)
            return problem;
        // It is remembered for as long as it could be used again.
        if (IdTokenPolicy.Seconds(claims, "exp") - rules.Now.ToUnixTimeSeconds() > LongestSeconds)
            return "the token is good for longer than a day (exp)";
        if (claims["events"] is not JsonObject events || events[Event] is not JsonObject)
            return "the token is about no logout (events)";
        // What tells an ID token from a logout token, even to who forgets to look at events.
        if (claims.ContainsKey("nonce"))
            return "the token has a nonce, as only ID tokens do";
        if (JwtCodec.Text(claims, "jti") is not { Length: > 0 and <= LongestId })
            return $"the token's id (jti) is missing, empty or longer than {LongestId} characters";
        return JwtCodec.Text(claims, "sub") is null && JwtCodec.Text(claims, "sid") is null ? "the token names neither a person (sub) nor a session (sid)" : null;
    }
}
