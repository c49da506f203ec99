using System.Globalization;

namespace Hub.Accounts;

/// <summary>What is known of an API token; the token itself is shown once and then known by its hash only.</summary>
/// <param name="Scopes">As they were asked for, unexpanded.</param>
public sealed record ApiToken(
    long Number, string UserName, string Note, IReadOnlyList<string> Scopes, DateTimeOffset Created, DateTimeOffset? LastActivity, DateTimeOffset? ExpiresAt)
{
    /// <summary>The service it was issued to on its owner's behalf; null for tokens people make.</summary>
    public string? OAuthClient { get; init; }

    /// <summary>Number of the sign-in that let the service in; the token ends with it.</summary>
    public long? SignInNumber { get; init; }

    /// <summary>As the API names it: <c>a12</c>.</summary>
    public string Id => IdOf(Number);

    public static string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"a{number}");

    /// <summary>The number in an id; null when it is none.</summary>
    public static long? NumberOf(string id) =>
        id.StartsWith('a') && long.TryParse(id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
