using Hub.Accounts;
using Hub.Events.Audit;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Auth;

/// <summary>Begins, finds and ends the sign-in that a browser's cookie stands for, and hands out the XSRF token that goes with it.</summary>
internal sealed class CookieHandler(
    SignInsStore signIns, Rights rights, XsrfTokens xsrf, CallerWatch watch, TimeProvider time, IOptions<AuthOptions> options, IOptions<AccountsOptions> accounts,
    IOptions<AuditOptions> audit)
{
    public const string SignInCookie = "hub-signin";
    public const string XsrfCookie = "_xsrf";

    private static readonly object Current = new();

    /// <summary>Makes whom the cookie stands for the caller; nothing when there is none or it has ended.</summary>
    public async Task FindAsync(HttpContext context)
    {
        if (context.Request.Cookies[SignInCookie] is not { Length: > 0 } secret || await signIns.FindAsync(secret, context.RequestAborted) is not var (user, signIn))
            return;
        context.SetCaller(await CallerOfAsync(user, signIn, context.RequestAborted));
        context.Items[Current] = secret;
        bool page = ErrorAnswer.ShapeOf(context.Request) == ApiShape.Page;
        if (time.GetUtcNow() - signIn.LastActivity >= TimeSpan.FromSeconds(accounts.Value.ActivityResolutionSeconds))
        {
            signIns.NoteUse(user, signIn);
            if (page)
                Send(context, secret);
        }
        if (page)
            GetXsrfToken(context);
    }

    /// <summary>
    /// Signs <paramref name="user"/> in with a new secret. Whatever cookie the browser brought is worth nothing afterwards, so nobody can be given a
    /// sign-in prepared by somebody else. <paramref name="origin"/> is the provider they came by; null when by none.
    /// </summary>
    public async Task BeginAsync(HttpContext context, User user, SignInOrigin? origin = null)
    {
        await EndCurrentAsync(context);
        (string secret, SignIn signIn) = await signIns.CreateAsync(user, origin, PlaceOf(context), context.RequestAborted);
        await GiveAsync(context, user, secret, signIn);
    }

    /// <summary>Gives the browser a sign-in that was just begun for it; for who was not signed in.</summary>
    public async Task BeginAsync(HttpContext context, User user, string secret, SignIn signIn)
    {
        signIns.NotePlace(signIn, PlaceOf(context));
        await GiveAsync(context, user, secret, signIn);
    }

    private async Task GiveAsync(HttpContext context, User user, string secret, SignIn signIn)
    {
        context.SetCaller(await CallerOfAsync(user, signIn, context.RequestAborted));
        context.Items[Current] = secret;
        Send(context, secret);
        Send(context, XsrfCookie, XsrfTokens.OfSignIn(secret), forScripts: true);
    }

    /// <summary>Signs out: the sign-in ends, what is open by it closes, the cookies go. Returns who it was.</summary>
    public async Task<Caller?> EndAsync(HttpContext context)
    {
        Caller? who = await EndCurrentAsync(context);
        context.Response.Cookies.Delete(SignInCookie, Settings(context, forScripts: false));
        context.Response.Cookies.Delete(XsrfCookie, Settings(context, forScripts: true));
        return who;
    }

    /// <summary>The XSRF token for forms and scripts of this page; the cookie is set when the browser does not have it yet.</summary>
    public string GetXsrfToken(HttpContext context)
    {
        IReadOnlyList<string> held = XsrfCookies(context);
        string token = context.Items[Current] is string secret
            ? XsrfTokens.OfSignIn(secret)
            : held.FirstOrDefault(xsrf.IsAnonymous) ?? xsrf.NewAnonymous();
        if (held is not [var only] || only != token)
            Send(context, XsrfCookie, token, forScripts: true);
        return token;
    }

    /// <summary>Is this the token that the browser was given?</summary>
    public bool IsXsrfToken(HttpContext context, string token) => context.Items[Current] is string secret
        ? XsrfTokens.Same(token, XsrfTokens.OfSignIn(secret))
        : XsrfCookies(context).Any(held => XsrfTokens.Same(token, held)) && xsrf.IsAnonymous(token);

    private SignInPlace PlaceOf(HttpContext context) => audit.Value.Addresses
        ? new SignInPlace(context.GetAddress(), BrowserNameCodec.Decode(context.Request.Headers.UserAgent.ToString()))
        : new SignInPlace(null, null);

    private async Task<Caller?> EndCurrentAsync(HttpContext context)
    {
        if (context.Request.Cookies[SignInCookie] is not { Length: > 0 } secret || await signIns.FindAsync(secret, context.RequestAborted) is not var (user, signIn))
            return null;
        await signIns.EndAsync(signIn.Number, context.RequestAborted);
        watch.EndSignIn(signIn.Id);
        context.Items.Remove(Current);
        return await CallerOfAsync(user, signIn, context.RequestAborted);
    }

    private async Task<Caller> CallerOfAsync(User user, SignIn signIn, CancellationToken cancellationToken) =>
        new(user.Id, user.Name, ByToken: false, await rights.OfUserAsync(user, cancellationToken))
        {
            DisplayName = user.DisplayName,
            Admin = user.Admin,
            Guest = user.Guest,
            SignInId = signIn.Id,
        };

    /// <summary>All cookies of the name, since a browser may send several of different paths, and the framework keeps one.</summary>
    private static List<string> XsrfCookies(HttpContext context) =>
    [
        .. context.Request.Headers.Cookie.SelectMany(header => (header ?? "").Split(';', StringSplitOptions.TrimEntries))
            .Where(cookie => cookie.StartsWith(XsrfCookie + "=", StringComparison.Ordinal))
            .Select(cookie => cookie[(XsrfCookie.Length + 1)..]),
    ];

    private void Send(HttpContext context, string secret) => Send(context, SignInCookie, secret, forScripts: false);

    private void Send(HttpContext context, string name, string value, bool forScripts)
    {
        CookieOptions settings = Settings(context, forScripts);
        settings.MaxAge = TimeSpan.FromMinutes(options.Value.SignInIdleMinutes);
        context.Response.Cookies.Append(name, value, settings);
    }

    private static CookieOptions Settings(HttpContext context, bool forScripts) => new()
    {
        Path = "/",
        HttpOnly = !forScripts,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        IsEssential = true,
    };
}
