using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Hub.Auth.OpenIdConnect;
using Hub.Auth.TwoStep;

namespace Hub.Auth;

/// <summary>Section <c>Auth</c>: passwords, sign-ins, one-time links, and how often somebody may try.</summary>
public sealed record AuthOptions
{
    public const string Section = "Auth";

    [Range(1, 128)]
    [Description("Characters a password needs at least.")]
    public int MinPasswordLength { get; init; } = 8;

    [Range(64, 4096)]
    [Description("Characters a password may have at most.")]
    public int MaxPasswordLength { get; init; } = 256;

    [Range(10_000, 10_000_000)]
    [Description("Rounds of PBKDF2-HMAC-SHA512 for a new password; a password hashed with fewer is hashed anew at the next sign-in.")]
    public int PasswordIterations { get; init; } = 210_000;

    [Range(1, 525_600)]
    [Description("Minutes without a request after which a sign-in ends.")]
    public int SignInIdleMinutes { get; init; } = 14 * 24 * 60;

    [Range(1, 525_600)]
    [Description("Minutes after which a sign-in ends even if it is used all the time.")]
    public int SignInMaxMinutes { get; init; } = 90 * 24 * 60;

    [Range(1, 10_080)]
    [Description("Minutes for which the link of the first start is valid; a restart prints a new one.")]
    public int FirstLinkMinutes { get; init; } = 60;

    [Range(1, 525_600)]
    [Description("Minutes for which a link is valid by which an invited user sets a password, unless its maker says otherwise.")]
    public int PasswordLinkMinutes { get; init; } = 3 * 24 * 60;

    [Range(10, 600)]
    [Description("Seconds within which a service must use the OAuth code it was given.")]
    public int OAuthCodeSeconds { get; init; } = 300;

    [Range(1, 525_600)]
    [Description("Minutes for which a token is valid that a service got by OAuth; it ends sooner with the sign-in of whoever consented.")]
    public int OAuthTokenMinutes { get; init; } = 14 * 24 * 60;

    [Range(1, 10_000)]
    [Description("Failed attempts to sign in to one account within Auth:ThrottleSeconds; more are refused with 429.")]
    public int AttemptsPerAccount { get; init; } = 10;

    [Range(1, 1_000_000)]
    [Description("Failed attempts to sign in from one address within Auth:ThrottleSeconds; more are refused with 429. A class often shares one address.")]
    public int AttemptsPerAddress { get; init; } = 100;

    [Range(1, 86_400)]
    [Description("Seconds after which a failed attempt no longer counts.")]
    public int ThrottleSeconds { get; init; } = 300;

    [Range(100, 10_000_000)]
    [Description("Accounts and addresses with failed attempts that are remembered; beyond it those with the fewest are forgotten.")]
    public int MaxThrottled { get; init; } = 100_000;

    [Description("Who may make an account at the page /hub/signup: nobody, anybody whom an administrator lets in then, or anybody.")]
    public SignUpKind SignUp { get; init; } = SignUpKind.Closed;

    [Range(1, 100_000)]
    [Description("Most people who wait for an administrator at a time (SignUp=Approval).")]
    public int MaxSignUpsWaiting { get; init; } = 1000;

    [Description("Who signs in with a code of an app after the password: off, optional (whoever turns it on), requiredForAdmins, or required. OpenID Connect providers ask for second factors themselves.")]
    public TotpKind Totp { get; init; } = TotpKind.Optional;

    [Range(1, 60)]
    [Description("Minutes between the password and the code of two-step sign-in; after that the password is asked for again.")]
    public int SecondStepMinutes { get; init; } = 10;

    [Range(1, 3600)]
    [Description("Seconds between two looks for sign-ins whose provider is to be asked again (RecheckInterval of the provider).")]
    public int RecheckSeconds { get; init; } = 60;

    [Description("Providers people can sign in with by OpenID Connect; see docs/guides/openid.md.")]
    public IReadOnlyDictionary<string, OpenIdProviderOptions> OpenId { get; init; } = new Dictionary<string, OpenIdProviderOptions>();
}
