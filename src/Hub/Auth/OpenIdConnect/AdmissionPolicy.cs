using System.Text.Json.Nodes;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Who may come in by a provider. Keeping out goes before letting in; and where nothing lets anybody in nobody new comes, since behind some
/// providers stands the whole world.
/// </summary>
public static class AdmissionPolicy
{
    public static Admission Decide(JsonObject claims, IReadOnlyCollection<string> groups, AdmissionRules allow, AdmissionRules deny)
    {
        if (Means(deny, claims, groups, onlyVerified: false))
            return Admission.Denied;
        if (!allow.Says)
            return Admission.OnlyKnown;
        return Means(allow, claims, groups, onlyVerified: true) ? Admission.Allowed : Admission.Denied;
    }

    /// <summary>Is one of <paramref name="conditions"/> (<c>path=value</c>) true of these claims?</summary>
    public static bool HoldsAny(IEnumerable<string> conditions, JsonObject claims) => conditions.Any(condition => Holds(condition, claims));

    private static bool Means(AdmissionRules rules, JsonObject claims, IReadOnlyCollection<string> groups, bool onlyVerified) =>
        rules.Everyone
        || (DomainOf(claims, onlyVerified) is { } domain && rules.Domains.Any(one => string.Equals(one.TrimStart('@'), domain, StringComparison.OrdinalIgnoreCase)))
        || rules.Groups.Any(groups.Contains)
        || HoldsAny(rules.Claims, claims);

    private static bool Holds(string condition, JsonObject claims)
    {
        // The first sign of equality that has a name before it: names of claims that are addresses hold none.
        int sign = condition.IndexOf('=');
        return sign > 0 && ClaimPathPolicy.Values(claims, condition[..sign]).Contains(condition[(sign + 1)..]);
    }

    private static string? DomainOf(JsonObject claims, bool onlyVerified)
    {
        // Some providers write "true" as a text.
        if (onlyVerified && ClaimPathPolicy.Value(claims, "email_verified") != "true")
            return null;
        string? address = ClaimPathPolicy.Value(claims, "email");
        int sign = address?.LastIndexOf('@') ?? -1;
        return sign > 0 ? address![(sign + 1)..] : null;
    }
}
