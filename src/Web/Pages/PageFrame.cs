namespace Web.Pages;

/// <summary>What the head and the top bar of every page need to know.</summary>
/// <param name="XsrfToken">Written into every form of the page as the hidden field <c>_xsrf</c>.</param>
/// <param name="UserName">What who is signed in is called; null draws the page without the personal links.</param>
/// <param name="BasePath">Where the hub lives below its origin; begins and ends with a slash.</param>
/// <param name="HubName">What the operator calls this hub.</param>
public sealed record PageFrame(string XsrfToken, string? UserName = null, string BasePath = "/", string HubName = "Notebook Hub")
{
    /// <summary>Whether who is signed in may open the panel.</summary>
    public bool HasPanel { get; init; }

    /// <summary>What the panel is called: an administrator's, or a teacher's.</summary>
    public string PanelTitle { get; init; } = "Admin";

    public string Panel => BasePath + "hub/admin";

    public string Home => BasePath + "hub/home";

    public string Classes => BasePath + "hub/classes";

    public string Tokens => BasePath + "hub/token";

    public string Password => BasePath + "hub/password";

    public string TwoStep => BasePath + "hub/two-step";

    public string SignIn => BasePath + "hub/login";

    public string SignOut => BasePath + "hub/logout";

    /// <summary>The address of one of <see cref="WebAssets"/>' files.</summary>
    public string Asset(WebAsset asset) => BasePath + WebAssets.Folder + asset.Name;
}
