using System.Globalization;
using Hub.Accounts;
using Hub.Auth.OpenIdConnect;
using Hub.Auth.TwoStep;
using Hub.Events;
using Hub.Http;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Auth;

/// <summary>Signing in by name and password, and signing out.</summary>
internal sealed class SignInPages(
    Passwords passwords,
    CookieHandler cookies,
    SignInThrottle throttle,
    SecondStepHandler secondStep,
    AccountsStore accounts,
    IUserServers servers,
    EventStream events,
    TimeProvider time,
    OpenIdProviders providers,
    SignOutHandler providersToo,
    IOptions<AuthOptions> options)
{
    private const string Home = "/hub/home";

    /// <summary>One text for every reason, so that nobody learns who has an account.</summary>
    private const string Wrong = "Invalid username or password";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/login", (SignInPages pages, HttpContext context) => context.FindCaller() is null ? pages.Draw(context) : Results.Redirect(Next(context)))
            .Public("Whoever signs in is not signed in yet");
        routes.MapPost("/hub/login", (SignInPages pages, HttpContext context) => pages.SignInAsync(context)).Public("Whoever signs in is not signed in yet");
        routes.MapMethods("/hub/logout", ["GET", "POST"], (SignInPages pages, HttpContext context) => pages.SignOutAsync(context))
            .Public("Signing out twice must not ask to sign in");
        routes.MapGet("/user/{user}/login", (HttpContext context) => Results.Redirect(LoginPath(context))).Public("Leads to the sign-in page");
        routes.MapMethods("/user/{user}/logout", ["GET", "POST"], (SignInPages pages, HttpContext context) => pages.SignOutAsync(context))
            .Public("Signing out twice must not ask to sign in");
    }

    private IResult Draw(HttpContext context, string userName = "", string? error = null, int status = StatusCodes.Status200OK)
    {
        string next = LocalUrl.Of(context.Request.Query["next"], "") is { Length: > 0 } wanted ? "?next=" + Uri.EscapeDataString(wanted) : "";
        var view = new LoginView(context.GetPageFrame(), LoginPath(context), userName, error)
        {
            Ways = [.. providers.All.Select(provider => new SignInWay(provider.StartPath + next, provider.DisplayName, provider.Icon))],
            SignUp = options.Value.SignUp == SignUpKind.Closed ? null : SignUpPages.Path,
        };
        return HubPages.Draw<LoginPage>(context, view, status);
    }

    private async Task<IResult> SignInAsync(HttpContext context)
    {
        IFormCollection form = await context.ReadFormBodyAsync();
        string written = form["username"].ToString().Trim();
        string userName = UserName.Normalise(written);
        if (throttle.Begin(userName, context.Connection.RemoteIpAddress) is { } wait)
        {
            int seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Draw(context, written, $"Too many failed attempts. Try again in {seconds} seconds.", StatusCodes.Status429TooManyRequests);
        }
        PasswordCheck check = await passwords.CheckAsync(userName, form["password"].ToString(), context.RequestAborted);
        if (check.Waits)
        {
            throttle.Forgive(userName, context.Connection.RemoteIpAddress);
            return Waits(context, userName);
        }
        if (check.User is not { } user)
        {
            // A name nobody has may be a password typed into the wrong field: it is told to nobody.
            bool known = await accounts.FindAsync(userName, context.RequestAborted) is not null;
            await events.PublishAsync(new HubEvent.SignInFailed(time.GetUtcNow(), known ? userName : "") { Address = context.GetAddress() });
            return Draw(context, written, Wrong, StatusCodes.Status403Forbidden);
        }
        throttle.Forgive(userName, context.Connection.RemoteIpAddress);
        return await secondStep.ContinueAsync(context, user);
    }

    /// <summary>Only whoever knows the password learns that the account waits.</summary>
    private static IResult Waits(HttpContext context, string userName)
    {
        PageFrame frame = context.GetPageFrame();
        var page = new MessageView(
            frame, "Your account waits for approval", $"The password of {userName} is right, but an administrator has not let you in yet.", [],
            ["Tell the person who runs this hub that you are waiting.", "Then sign in again."], [new PageLink("Go to the sign-in page", frame.SignIn)], StatusCodes.Status403Forbidden);
        return HubPages.Draw<MessagePage>(context, page, StatusCodes.Status403Forbidden);
    }

    /// <summary>A GET signs out too, since JupyterHub's links do; but not one that another site made the browser send.</summary>
    private async Task<IResult> SignOutAsync(HttpContext context)
    {
        if (context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
            return Results.Redirect(Home);
        int running = 0;
        (string Provider, Func<int, string> Address)? onward = await providersToo.FindAsync(context, context.FindCaller());
        if (await cookies.EndAsync(context) is { } who)
        {
            running = servers.CountRunning(who.UserName);
            await events.PublishAsync(new HubEvent.SignedOut(time.GetUtcNow(), who.UserName));
        }
        context.Response.Headers["Clear-Site-Data"] = "\"cache\"";
        // Who came by a provider would come in again by one click: they sign out there, too, and are sent back to the page below.
        var bare = new PageFrame("", null, context.Request.PathBase.ToUriComponent() + "/");
        if (onward is not var (where, address))
            return HubPages.Draw<SignedOutPage>(context, new SignedOutView(bare, running));
        return HttpMethods.IsGet(context.Request.Method)
            ? SeeOther(context, address(running))
            : HubPages.Draw<OnwardPage>(context, new OnwardView(bare, where, address(running)));
    }

    private static string Next(HttpContext context) => LocalUrl.Of(context.Request.Query["next"], Home);

    private static string LoginPath(HttpContext context) =>
        LocalUrl.Of(context.Request.Query["next"], "") is { Length: > 0 } next ? "/hub/login?next=" + Uri.EscapeDataString(next) : "/hub/login";

    private static IResult SeeOther(HttpContext context, string path)
    {
        context.Response.Headers.Location = path;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
