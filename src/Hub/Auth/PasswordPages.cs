using Hub.Accounts;
using Hub.Auth.OpenIdConnect;
using Hub.Auth.TwoStep;
using Hub.Http;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Auth;

/// <summary>Setting a password by a one-time link, and changing one's own.</summary>
internal sealed class PasswordPages(
    Passwords passwords, PasswordsStore store, AccountsStore accounts, CookieHandler cookies, SignInThrottle throttle, SecondStepHandler secondStep, TwoStepSignIn twoStep, SignInsStore signIns, TimeProvider time,
    IOptions<AuthOptions> options, OpenIdProviders providers, IdentitiesStore identities)
{
    private const string LinkPath = "/hub/set-password";
    private const string ChangePath = "/hub/password";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(LinkPath, (PasswordPages pages, HttpContext context) => pages.ShowLinkAsync(context)).Public("The one-time link in the address is the right to come in");
        routes.MapPost(LinkPath, (PasswordPages pages, HttpContext context) => pages.UseLinkAsync(context)).Public("The one-time link in the address is the right to come in");
        routes.MapGet(ChangePath, (PasswordPages pages, HttpContext context) => pages.ShowChangeAsync(context)).RequireScope(Scope.ReadUsersName, ScopeFilter.Any);
        routes.MapPost(ChangePath, (PasswordPages pages, HttpContext context) => pages.ChangeAsync(context)).RequireScope(Scope.ReadUsersName, ScopeFilter.Any);
    }

    /// <summary>The path of a one-time link.</summary>
    public static string PathOf(string linkSecret) => $"{LinkPath}?link={linkSecret}";

    private static string LinkOf(HttpContext context) => context.Request.Query["link"].ToString();

    private async Task<IResult> ShowLinkAsync(HttpContext context) =>
        await store.FindLinkAsync(LinkOf(context), context.RequestAborted) is { } userName ? DrawLink(context, userName, null) : NoLink(context);

    private async Task<IResult> UseLinkAsync(HttpContext context)
    {
        string link = LinkOf(context);
        if (await store.FindLinkAsync(link, context.RequestAborted) is not { } userName)
            return NoLink(context);
        IFormCollection form = await context.ReadFormBodyAsync();
        string password = form["password"].ToString();
        if (password != form["password_again"].ToString())
            return DrawLink(context, userName, "The two passwords differ.");
        (User? user, string? problem) = await passwords.SetByLinkAsync(link, password, context.RequestAborted);
        if (problem is not null)
            return DrawLink(context, userName, problem);
        if (user is null)
            return NoLink(context);
        // A link that came by mail is no second factor.
        return await secondStep.ContinueAsync(context, user);
    }

    private async Task<IResult> ShowChangeAsync(HttpContext context) => context.GetCaller().ByToken ? NotByToken() : await DrawChangeAsync(context, null);

    private async Task<IResult> ChangeAsync(HttpContext context)
    {
        Caller caller = context.GetCaller();
        if (caller.ByToken)
            return NotByToken();
        IFormCollection form = await context.ReadFormBodyAsync();
        string password = form["password"].ToString();
        if (password != form["password_again"].ToString())
            return await DrawChangeAsync(context, "The two new passwords differ.");
        // Whoever sits down at somebody's open page must not be able to guess the password here either.
        if (throttle.Begin(caller.UserName, context.Connection.RemoteIpAddress) is { } wait)
        {
            int seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return await DrawChangeAsync(context, $"Too many failed attempts. Try again in {seconds} seconds.", StatusCodes.Status429TooManyRequests);
        }
        if (await passwords.CheckAsync(caller.UserName, form["current_password"].ToString(), context.RequestAborted) is not { User: { } user })
            return await DrawChangeAsync(context, "The current password is not right.", StatusCodes.Status403Forbidden);
        throttle.Forgive(caller.UserName, context.Connection.RemoteIpAddress);
        if (await passwords.SetAsync(user, password, context.RequestAborted) is { } problem)
            return await DrawChangeAsync(context, problem);
        // Every sign-in ended with the old password, this one too; whoever changed it goes on with a new one.
        if (await accounts.FindAsync(user.Name, context.RequestAborted) is { } changed)
            await cookies.BeginAsync(context, changed);
        return await DrawChangeAsync(context, null, changed: true);
    }

    private IResult DrawLink(HttpContext context, string userName, string? error) => HubPages.Draw<SetPasswordPage>(
        context,
        new SetPasswordView(context.GetPageFrame(), PathOf(LinkOf(context)), userName, options.Value.MinPasswordLength, error),
        error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private async Task<IResult> DrawChangeAsync(HttpContext context, string? error, int status = StatusCodes.Status400BadRequest, bool changed = false)
    {
        Caller caller = context.GetCaller();
        IReadOnlyList<string> connected = await identities.ProvidersOfAsync(caller.UserId, context.RequestAborted);
        User? user = await accounts.FindAsync(caller.UserName, context.RequestAborted);
        SecondFactor? factor = user is null ? null : await twoStep.FindAsync(user, context.RequestAborted);
        var view = new ChangePasswordView(context.GetPageFrame(), ChangePath, caller.UserName, options.Value.MinPasswordLength, error, changed)
        {
            HasPassword = user is { HasPassword: true },
            Now = time.GetUtcNow(),
            Notice = context.Request.Query.ContainsKey("two-step-off") ? "Two-step sign-in is off." : context.Request.Query.ContainsKey("signed-out") ? "That sign-in has ended." : null,
            TwoStep = user is { HasPassword: true, Guest: false } && twoStep.IsOffered ? (factor is null ? "off" : "on") : null,
            SignIns = [.. (await signIns.ListAsync(caller.UserId, context.RequestAborted)).Select(one => SignInsPages.Row(one, caller.SignInId))],
            Ways = [.. providers.All.Select(provider => WayOf(provider, connected.Contains(provider.Name)))],
        };
        return HubPages.Draw<ChangePasswordPage>(context, view, error is null ? StatusCodes.Status200OK : status);
    }

    private static ConnectedWay WayOf(OpenIdProvider provider, bool connected) =>
        new(provider.DisplayName, connected, $"{provider.StartPath}/{(connected ? "disconnect" : "connect")}");

    private static IResult NotByToken() => ApiError.Hub(StatusCodes.Status403Forbidden, "A password is changed at the page, not by a token.");

    private static IResult NoLink(HttpContext context)
    {
        PageFrame frame = context.GetPageFrame();
        return HubPages.Draw<MessagePage>(
            context,
            new MessageView(
                frame,
                "This link is not valid",
                "The link was used already, has run out, or was not copied whole.",
                ["A link works once and for a limited time.", "A newer link was made since."],
                ["Sign in if you have set a password.", "Ask whoever runs this hub for a new link; on the first start, restart the hub to get one."],
                [new PageLink("Sign in", frame.SignIn)],
                StatusCodes.Status404NotFound),
            StatusCodes.Status404NotFound);
    }
}
