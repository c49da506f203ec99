using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Which ID tokens are believed, once their signature is good
/// (<see href="https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation">OpenID Connect Core § 3.1.3.7</see>).
/// </summary>
public static class IdTokenPolicy
{
    /// <summary>Core § 2.</summary>
    private const int LongestSubject = 255;

    private const int MostQuoted = 100;

    /// <summary>What is wrong, for the log: names claims and what they say, never the token; null when nothing is.</summary>
    public static string? Problem(Jwt token, IdTokenRules rules)
    {
        JsonObject claims = token.Claims;
        return CommonProblem(claims, rules)
            ?? SubjectProblem(claims, rules)
            ?? NonceProblem(claims, rules)
            ?? HashProblem(claims, "at_hash", rules.AccessToken, token.Algorithm)
            ?? HashProblem(claims, "c_hash", rules.Code, token.Algorithm)
            ?? AgeProblem(claims, rules);
    }

    /// <summary>Issuer, audience and times: the same for ID tokens and logout tokens.</summary>
    internal static string? CommonProblem(JsonObject claims, IdTokenRules rules)
    {
        string? issuer = JwtCodec.Text(claims, "iss");
        if (issuer != rules.Issuer)
            return $"the issuer (iss) is {Quoted(issuer)}, not {Quoted(rules.Issuer)}";
        return AudienceProblem(claims, rules) ?? TimeProblem(claims, rules);
    }

    /// <summary>Seconds since 1970, which may have a fraction; null when there is none.</summary>
    internal static double? Seconds(JsonObject claims, string name) =>
        claims[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : null;

    internal static string Quoted(string? said) => said is null
        ? "missing"
        : $"'{string.Concat(said.Take(MostQuoted).Select(letter => letter is >= ' ' and < (char)127 ? letter : '?'))}{(said.Length > MostQuoted ? "…" : "")}'";

    private static string? AudienceProblem(JsonObject claims, IdTokenRules rules)
    {
        List<string> audiences = [.. ClaimPathPolicy.Scalars(claims["aud"])];
        if (!audiences.Contains(rules.ClientId))
            return $"the token is for {Quoted(string.Join(", ", audiences))} (aud), not for {Quoted(rules.ClientId)}";
        string? party = JwtCodec.Text(claims, "azp");
        if (claims.ContainsKey("azp") && party != rules.ClientId)
            return $"the token was given to {Quoted(party)} (azp), not to {Quoted(rules.ClientId)}";
        return audiences.Count > 1 && party is null ? "the token is for several (aud) and does not say whom it was given to (azp)" : null;
    }

    private static string? TimeProblem(JsonObject claims, IdTokenRules rules)
    {
        double now = rules.Now.ToUnixTimeMilliseconds() / 1000.0;
        double skew = rules.Skew.TotalSeconds;
        if (Seconds(claims, "exp") is not { } expires)
            return "the token does not say when it runs out (exp)";
        if (expires <= now - skew)
            return $"the token ran out {now - expires:0} s ago (exp)";
        if (Seconds(claims, "iat") is not { } issued)
            return "the token does not say when it was made (iat)";
        if (issued > now + skew)
            return $"the token was made {issued - now:0} s in the future (iat): is a clock wrong?";
        return Seconds(claims, "nbf") is { } from && from > now + skew ? $"the token is good only in {from - now:0} s (nbf): is a clock wrong?" : null;
    }

    private static string? SubjectProblem(JsonObject claims, IdTokenRules rules)
    {
        string? subject = JwtCodec.Text(claims, "sub");
        if (subject is not { Length: > 0 and <= LongestSubject } || subject.Any(char.IsControl))
            return $"the subject (sub) is missing, empty or longer than {LongestSubject} characters";
        return rules.Subject is not null && subject != rules.Subject ? "the subject (sub) is another one than before" : null;
    }

    private static string? NonceProblem(JsonObject claims, IdTokenRules rules) =>
        rules.Nonce is not null && JwtCodec.Text(claims, "nonce") != rules.Nonce ? "the nonce is not the one of this sign-in" : null;

    private static string? HashProblem(JsonObject claims, string name, string? value, string algorithm)
    {
        if (!claims.ContainsKey(name) || value is null)
            return null;
        return JwtCodec.Text(claims, name) is { } hash && SignaturePolicy.IsHalfHash(hash, value, algorithm) ? null : $"{name} does not fit what came with the token";
    }

    private static string? AgeProblem(JsonObject claims, IdTokenRules rules)
    {
        if (rules.MaxAge is not { } most)
            return null;
        if (Seconds(claims, "auth_time") is not { } proved)
            return "the token does not say when the person signed in (auth_time), which MaxAge asks for";
        double age = (rules.Now.ToUnixTimeMilliseconds() / 1000.0) - proved;
        return age > most.TotalSeconds + rules.Skew.TotalSeconds ? $"the person signed in {age:0} s ago (auth_time), more than MaxAge" : null;
    }
}
