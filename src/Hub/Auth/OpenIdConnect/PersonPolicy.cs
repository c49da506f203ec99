using System.Text.Json.Nodes;
using Hub.Accounts;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Reads from claims who somebody is to this hub.</summary>
public static class PersonPolicy
{
    private const int LongestEmail = 320;
    private const int LongestGroup = 255;
    private const int LongestSession = 255;

    public static OpenIdPerson Read(JsonObject claims, OpenIdProviderOptions provider, AccountsOptions accounts)
    {
        // All of them decide; only so many are kept.
        IReadOnlyList<string> groups = ClaimPathPolicy.Values(claims, provider.TokenValidationParameters.RoleClaimType);
        string? said = ClaimPathPolicy.Value(claims, provider.TokenValidationParameters.NameClaimType);
        string? userName = said is null ? null : ExternalNamePolicy.NameFor(said, provider.UserNameWithoutDomains, accounts);
        bool asksAdmin = provider.AdminGroups.Count > 0 || provider.AdminClaims.Count > 0;
        return new OpenIdPerson(
            JwtCodec.Text(claims, "iss") ?? "",
            JwtCodec.Text(claims, "sub") ?? "",
            JwtCodec.Text(claims, "sid") is { Length: > 0 and <= LongestSession } session ? session : null,
            userName,
            DisplayName(ClaimPathPolicy.Value(claims, provider.DisplayNameClaim), userName ?? "", accounts),
            ClaimPathPolicy.Value(claims, "email") is { Length: <= LongestEmail } email ? email : "",
            [.. groups.Where(group => group.Length is > 0 and <= LongestGroup).Distinct().Take(provider.MaxGroups)],
            asksAdmin ? provider.AdminGroups.Any(groups.Contains) || AdmissionPolicy.HoldsAny(provider.AdminClaims, claims) : null,
            AdmissionPolicy.Decide(claims, groups, provider.Allow, provider.Deny));
    }

    /// <summary>Somebody's name for pages, without what could draw it wrongly; their user name when there is none.</summary>
    private static string DisplayName(string? said, string userName, AccountsOptions accounts)
    {
        string shown = string.Concat((said ?? "").Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))).Trim();
        return shown.Length == 0 ? userName : shown[..Math.Min(shown.Length, accounts.MaxDisplayNameLength)].Trim();
    }
}
