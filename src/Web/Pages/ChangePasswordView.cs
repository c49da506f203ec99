namespace Web.Pages;

/// <summary>Changing one's own password: posts <c>current_password</c>, <c>password</c>, <c>password_again</c> and <c>_xsrf</c>.</summary>
/// <param name="Action">Where the form goes.</param>
/// <param name="UserName">Whose password is changed; told to password stores.</param>
/// <param name="MinimumLength">Characters a password needs.</param>
/// <param name="Error">Why the last attempt failed, in a sentence.</param>
/// <param name="Changed">Whether the last attempt succeeded.</param>
public sealed record ChangePasswordView(
    PageFrame Frame, string Action, string UserName, int MinimumLength = 8, string? Error = null, bool Changed = false)
{
    /// <summary>False for somebody who signs in with a provider only: there is nothing to change then.</summary>
    public bool HasPassword { get; init; } = true;

    /// <summary>Something done just now, in a sentence.</summary>
    public string? Notice { get; init; }

    /// <summary>Two-step sign-in: <c>on</c> or <c>off</c>; null where it is not offered.</summary>
    public string? TwoStep { get; init; }

    /// <summary>Where the person is signed in, the newest first.</summary>
    public IReadOnlyList<SignInRow> SignIns { get; init; } = [];

    public DateTimeOffset Now { get; init; }

    /// <summary>Providers, with whether the account is connected.</summary>
    public IReadOnlyList<ConnectedWay> Ways { get; init; } = [];
}
