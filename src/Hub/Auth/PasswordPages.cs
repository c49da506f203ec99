using Hub.Accounts;
using Hub.Events;
using Hub.Http;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Auth;

/// <summary>Setting a password by a one-time link, and changing one's own.</summary>
internal sealed class PasswordPages(
    Passwords passwords, PasswordsStore store, AccountsStore accounts, CookieHandler cookies, SignInThrottle throttle, EventStream events, TimeProvider time,
    IOptions<AuthOptions> options)
{
    private const string LinkPath = "/hub/set-password";
    private const string ChangePath = "/hub/password";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(LinkPath, (PasswordPages pages, HttpContext context) => pages.ShowLinkAsync(context)).Public("The one-time link in the address is the right to come in");
        routes.MapPost(LinkPath, (PasswordPages pages, HttpContext context) => pages.UseLinkAsync(context)).Public("The one-time link in the address is the right to come in");
        routes.MapGet(ChangePath, (PasswordPages pages, HttpContext context) => pages.ShowChange(context)).RequireScope(Scope.ReadUsersName, ScopeFilter.Any);
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
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        string password = form["password"].ToString();
        if (password != form["password_again"].ToString())
            return DrawLink(context, userName, "The two passwords differ.");
        (User? user, string? problem) = await passwords.SetByLinkAsync(link, password, context.RequestAborted);
        if (problem is not null)
            return DrawLink(context, userName, problem);
        if (user is null)
            return NoLink(context);
        await cookies.BeginAsync(context, user);
        events.Publish(new HubEvent.SignedIn(time.GetUtcNow(), user.Name));
        context.Response.Headers.Location = "/hub/home";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private IResult ShowChange(HttpContext context) => context.GetCaller().ByToken ? NotByToken() : DrawChange(context, null);

    private async Task<IResult> ChangeAsync(HttpContext context)
    {
        Caller caller = context.GetCaller();
        if (caller.ByToken)
            return NotByToken();
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        string password = form["password"].ToString();
        if (password != form["password_again"].ToString())
            return DrawChange(context, "The two new passwords differ.");
        // Whoever sits down at somebody's open page must not be able to guess the password here either.
        if (throttle.Begin(caller.UserName, context.Connection.RemoteIpAddress) is { } wait)
        {
            int seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return DrawChange(context, $"Too many failed attempts. Try again in {seconds} seconds.", StatusCodes.Status429TooManyRequests);
        }
        if (await passwords.CheckAsync(caller.UserName, form["current_password"].ToString(), context.RequestAborted) is not { } user)
            return DrawChange(context, "The current password is not right.", StatusCodes.Status403Forbidden);
        throttle.Forgive(caller.UserName, context.Connection.RemoteIpAddress);
        if (await passwords.SetAsync(user, password, context.RequestAborted) is { } problem)
            return DrawChange(context, problem);
        // Every sign-in ended with the old password, this one too; whoever changed it goes on with a new one.
        if (await accounts.FindAsync(user.Name, context.RequestAborted) is { } changed)
            await cookies.BeginAsync(context, changed);
        return HubPages.Draw<ChangePasswordPage>(
            context, new ChangePasswordView(context.GetPageFrame(), ChangePath, user.Name, options.Value.MinPasswordLength, Changed: true));
    }

    private IResult DrawLink(HttpContext context, string userName, string? error) => HubPages.Draw<SetPasswordPage>(
        context,
        new SetPasswordView(context.GetPageFrame(), PathOf(LinkOf(context)), userName, options.Value.MinPasswordLength, error),
        error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private IResult DrawChange(HttpContext context, string? error, int status = StatusCodes.Status400BadRequest) => HubPages.Draw<ChangePasswordPage>(
        context,
        new ChangePasswordView(context.GetPageFrame(), ChangePath, context.GetCaller().UserName, options.Value.MinPasswordLength, error),
        error is null ? StatusCodes.Status200OK : status);

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
