using System.Globalization;

namespace Hub.Auth;

/// <summary>Somebody at a browser, from typing the password to signing out.</summary>
public sealed record SignIn(long Number, DateTimeOffset Created, DateTimeOffset LastActivity, DateTimeOffset ExpiresAt)
{
    public SignInPlace Place { get; init; } = new(null, null);

    /// <summary>As logs and the API name it: <c>s12</c>.</summary>
    public string Id => IdOf(Number);

    public static string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"s{number}");

    /// <summary>The number in an <see cref="Id"/>; null when it is none.</summary>
    public static long? NumberOf(string? id) =>
        id is ['s', .. var digits] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
