namespace Web.Pages;

/// <summary>The sign-in form: posts <c>username</c>, <c>password</c> and <c>_xsrf</c>, as JupyterHub's does.</summary>
/// <param name="Action">Where the form goes, with its <c>?next=</c>.</param>
/// <param name="UserName">What was typed before, so that a wrong password costs only the password.</param>
/// <param name="Error">Why the last attempt failed, in a sentence; null on the first.</param>
public sealed record LoginView(PageFrame Frame, string Action, string UserName = "", string? Error = null)
{
    /// <summary>Providers to sign in with, above the form.</summary>
    public IReadOnlyList<SignInWay> Ways { get; init; } = [];

    /// <summary>Where people make an account themselves; null where they cannot.</summary>
    public string? SignUp { get; init; }
}
