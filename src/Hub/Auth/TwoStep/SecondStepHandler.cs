using System.Globalization;
using Hub.Accounts;
using Hub.Events;
using Hub.Http;
using Web.Pages;

namespace Hub.Auth.TwoStep;

/// <summary>
/// What follows a right password: the sign-in begins, or a page asks for the second step first. Until that is done the browser has nothing but a sealed
/// ticket in the page's form, which is no sign-in and ends within minutes.
/// </summary>
internal sealed class SecondStepHandler(
    TwoStepSignIn twoStep, TwoStepSeals seals, CookieHandler cookies, SignInThrottle throttle, AccountsStore accounts, EventStream events, TimeProvider time)
{
    private const string CodePath = "/hub/login/code";
    private const string SetUpPath = "/hub/login/set-up";
    private const string Home = "/hub/home";

    /// <summary>Goes on for somebody whose password was right just now.</summary>
    public async Task<IResult> ContinueAsync(HttpContext context, User user)
    {
        if (await twoStep.FindAsync(user, context.RequestAborted) is not null)
            return DrawCode(context, seals.Ticket(user));
        if (twoStep.IsRequired(user))
            return DrawSetUp(context, user, TwoStepSignIn.NewSecret(), seals.Ticket(user));
        await BeginAsync(context, user);
        return SeeOther(context);
    }

    /// <summary>The code, typed at the second page.</summary>
    public async Task<IResult> CheckAsync(HttpContext context)
    {
        IFormCollection form = await context.ReadFormBodyAsync();
        string ticket = form["ticket"].ToString();
        if (await WhoseAsync(ticket, context.RequestAborted) is not { } user)
            return TooLate(context);
        if (Throttled(context, user) is { } seconds)
            return DrawCode(context, ticket, $"Too many failed attempts. Try again in {seconds} seconds.", StatusCodes.Status429TooManyRequests);
        // Turned off meanwhile, here or by an administrator: the password is to be asked for anew, which then is enough.
        if (await twoStep.FindAsync(user, context.RequestAborted) is null)
            return TooLate(context);
        if (!await twoStep.CheckAsync(user, form["code"].ToString(), context.RequestAborted))
        {
            await events.PublishAsync(new HubEvent.SignInFailed(time.GetUtcNow(), user.Name) { Address = context.GetAddress() });
            return DrawCode(context, ticket, "This code is not right, or was used already. Wait for the next one.", StatusCodes.Status403Forbidden);
        }
        throttle.Forgive(user.Name, context.Connection.RemoteIpAddress);
        await BeginAsync(context, user);
        return SeeOther(context);
    }

    /// <summary>The first code of somebody who must have a second factor and had none.</summary>
    public async Task<IResult> SetUpAsync(HttpContext context)
    {
        IFormCollection form = await context.ReadFormBodyAsync();
        string ticket = form["ticket"].ToString();
        if (await WhoseAsync(ticket, context.RequestAborted) is not { } user || seals.OpenOffer(user.Id, form["offer"].ToString()) is not { } secret)
            return TooLate(context);
        if (await twoStep.FindAsync(user, context.RequestAborted) is not null)
            return TooLate(context);
        if (await twoStep.TurnOnAsync(user, secret, form["code"].ToString(), context.RequestAborted) is not { } codes)
            return DrawSetUp(context, user, secret, ticket, TwoStepPages.NotTheCode);
        await BeginAsync(context, user);
        return HubPages.Draw<RecoveryCodesPage>(context, new RecoveryCodesView(context.GetPageFrame(), codes, Next(context)));
    }

    private async Task BeginAsync(HttpContext context, User user)
    {
        await cookies.BeginAsync(context, user);
        await events.PublishAsync(new HubEvent.SignedIn(time.GetUtcNow(), user.Name) { Address = context.GetAddress() });
    }

    private async Task<User?> WhoseAsync(string ticket, CancellationToken cancellationToken) =>
        seals.OpenTicket(ticket) is var (stamp, name) && await accounts.FindAsync(name, cancellationToken) is { Disabled: false } user && user.SecurityStamp == stamp ? user : null;

    private int? Throttled(HttpContext context, User user)
    {
        if (throttle.Begin(user.Name, context.Connection.RemoteIpAddress) is not { } wait)
            return null;
        int seconds = (int)Math.Ceiling(wait.TotalSeconds);
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return seconds;
    }

    private static IResult DrawCode(HttpContext context, string ticket, string? error = null, int status = StatusCodes.Status200OK) => HubPages.Draw<SecondStepPage>(
        context, new SecondStepView(Bare(context), WithNext(context, CodePath), ticket, error), status);

    private IResult DrawSetUp(HttpContext context, User user, byte[] secret, string ticket, string? error = null) => HubPages.Draw<TwoStepSetUpPage>(
        context,
        TwoStepPages.SetUpView(Bare(context), WithNext(context, SetUpPath), user, secret, seals, error) with { Ticket = ticket },
        error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    /// <summary>Without the links of who is signed in: nobody is yet.</summary>
    private static PageFrame Bare(HttpContext context) => context.GetPageFrame() with { UserName = null, HasPanel = false };

    private static IResult TooLate(HttpContext context)
    {
        PageFrame frame = Bare(context);
        var page = new MessageView(
            frame, "Sign in again", "Signing in took too long, or something about your account changed meanwhile.", [],
            ["Sign in once more with your name and password."], [new PageLink("Sign in", frame.SignIn)], StatusCodes.Status403Forbidden);
        return HubPages.Draw<MessagePage>(context, page, StatusCodes.Status403Forbidden);
    }

    private static string Next(HttpContext context) => LocalUrl.Of(context.Request.Query["next"], Home);

    private static string WithNext(HttpContext context, string path) =>
        LocalUrl.Of(context.Request.Query["next"], "") is { Length: > 0 } next ? $"{path}?next={Uri.EscapeDataString(next)}" : path;

    private static IResult SeeOther(HttpContext context)
    {
        context.Response.Headers.Location = Next(context);
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
