using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Section <c>Auth:OpenId:{name}</c>: one provider. What Microsoft's handler has too is named as there.</summary>
public sealed record OpenIdProviderOptions
{
    [StringLength(60)]
    [Description("What the button on the sign-in page says after \"Sign in with\"; empty takes the name of the section.")]
    public string DisplayName { get; init; } = "";

    [Description("Picture on the button: a data:image/… address, or a file (svg, png) that is read at the start.")]
    public string Icon { get; init; } = "";

    [Range(-1000, 1000)]
    [Description("Place on the sign-in page, the lowest first; the same places are ordered by name.")]
    public int Order { get; init; }

    [Description("The provider, as its tokens name it: https://accounts.google.com, https://sso.school.example/realms/school.")]
    public string Authority { get; init; } = "";

    [Description("Where the provider describes itself; empty takes Authority with /.well-known/openid-configuration.")]
    public string MetadataAddress { get; init; } = "";

    [Description("Refuses a provider that is not spoken to by https; false is for trials.")]
    public bool RequireHttpsMetadata { get; init; } = true;

    [Description("Who this hub is at the provider, as registered there.")]
    public string ClientId { get; init; } = "";

    [Description("The secret that goes with it; empty for a client that has none.")]
    public string ClientSecret { get; init; } = "";

    [AllowedValues("code")]
    [Description("How the provider answers.")]
    public string ResponseType { get; init; } = "code";

    [Description("Protects the code on its way with PKCE (S256).")]
    public bool UsePkce { get; init; } = true;

    [Description("What is asked for besides openid; empty asks for profile and email. offline_access lets the hub ask again, see RecheckInterval.")]
    public IReadOnlyList<string> Scope { get; init; } = [];

    [Description("More words for the provider's sign-in page, such as hd or domain_hint.")]
    public IReadOnlyDictionary<string, string> AdditionalAuthorizationParameters { get; init; } = new Dictionary<string, string>();

    [Description("Sent as prompt: login, select_account, consent; empty sends none.")]
    public string Prompt { get; init; } = "";

    [Description("How long ago people may have proved to the provider who they are, such as 08:00:00; empty does not ask.")]
    public TimeSpan? MaxAge { get; init; }

    [Description("Where the provider sends browsers back, to be registered there; empty is /hub/openid/{name}/callback.")]
    public string CallbackPath { get; init; } = "";

    [Description("Where the provider sends browsers after signing out, to be registered there; empty is /hub/openid/{name}/signed-out.")]
    public string SignedOutCallbackPath { get; init; } = "";

    [Description("Where the provider itself says that somebody signed out (back-channel logout), to be registered there; empty is /hub/openid/{name}/logout.")]
    public string RemoteSignOutPath { get; init; } = "";

    [Description("Who signs out here signs out at the provider, too, where it offers that.")]
    public bool SignOutAtProvider { get; init; } = true;

    [Description("Asks the provider's user info, too, for claims that are not in the token.")]
    public bool GetClaimsFromUserInfoEndpoint { get; init; }

    [Description("Keeps the ID token, and a refresh token where there is one, with the sign-in, encrypted; without them the provider asks at signing out, and RecheckInterval does nothing.")]
    public bool SaveTokens { get; init; } = true;

    [Description("Time after which the provider is asked whether a sign-in in use still holds, up to 7.00:00:00; whoever was locked out there is signed out here. Needs offline_access in Scope. 00:00:00 never asks.")]
    public TimeSpan RecheckInterval { get; init; } = TimeSpan.FromHours(1);

    [Description("What is asked of the provider's tokens.")]
    public OpenIdTokenOptions TokenValidationParameters { get; init; } = new();

    [Description("Domains that are cut from the end of a name, so that anna@school.example becomes anna.")]
    public IReadOnlyList<string> UserNameWithoutDomains { get; init; } = [];

    [Description("Claim with the name shown on pages of somebody new.")]
    public string DisplayNameClaim { get; init; } = "name";

    [Description("Makes an account for whoever comes for the first time and is allowed; else an administrator makes it, and its owner connects it.")]
    public bool CreateUsers { get; init; } = true;

    [Description("Who may come in. Without any of these only people who have an account.")]
    public AdmissionRules Allow { get; init; } = new();

    [Description("Who is kept out, whatever Allow says.")]
    public AdmissionRules Deny { get; init; } = new();

    [Description("Groups of the provider whose people are administrators here, for as long as they are in one.")]
    public IReadOnlyList<string> AdminGroups { get; init; } = [];

    [Description("Claims, as path=value, that make somebody an administrator here, for as long as one holds.")]
    public IReadOnlyList<string> AdminClaims { get; init; } = [];

    [Description("How long the provider may take for any answer, 00:00:01 to 00:02:00.")]
    public TimeSpan BackchannelTimeout { get; init; } = TimeSpan.FromSeconds(10);

    [Description("How long somebody may take at the provider, 00:01:00 to 1.00:00:00.")]
    public TimeSpan RemoteAuthenticationTimeout { get; init; } = TimeSpan.FromMinutes(15);

    [Description("Least time between two looks for new keys because a token names an unknown one, up to 1.00:00:00.")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(30);

    [Description("How long the provider's description and keys are used before they are fetched again, 00:01:00 to 7.00:00:00.")]
    public TimeSpan AutomaticRefreshInterval { get; init; } = TimeSpan.FromHours(12);

    [Description("How long a provider that did not answer counts as away before it is asked again, up to 00:10:00.")]
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(5);

    [Range(4096, 64 << 20)]
    [Description("Longest answer of the provider, in bytes.")]
    public int MaxAnswerBytes { get; init; } = 1 << 20;

    [Range(1024, 1 << 20)]
    [Description("Longest token, in characters.")]
    public int MaxTokenLength { get; init; } = 64 << 10;

    [Range(1, 10_000)]
    [Description("Most keys a provider may have.")]
    public int MaxKeys { get; init; } = 100;

    [Range(0, 100_000)]
    [Description("Most groups of one person that are kept; more are left out, but still count for Allow, Deny and AdminGroups.")]
    public int MaxGroups { get; init; } = 1000;
}
