using System.Globalization;
using Hub.Accounts;
using Hub.Events;
using Hub.Http;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Auth;

/// <summary>Making an account oneself, where the operator lets people (<c>Auth:SignUp</c>).</summary>
internal sealed class SignUpPages(
    SignUpsStore signUps,
    Passwords passwords,
    AccountsStore accounts,
    CookieHandler cookies,
    SignInThrottle throttle,
    EventStream events,
    TimeProvider time,
    IOptions<AuthOptions> options,
    IOptions<AccountsOptions> accountsOptions)
{
    public const string Path = "/hub/signup";

    private const string Why = "Whoever makes an account has none yet";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (SignUpPages pages, HttpContext context) => pages.Show(context)).Public(Why);
        routes.MapPost(Path, (SignUpPages pages, HttpContext context) => pages.SignUpAsync(context)).Public(Why);
    }

    private IResult Show(HttpContext context) => options.Value.SignUp == SignUpKind.Closed ? Closed(context) : Draw(context);

    private async Task<IResult> SignUpAsync(HttpContext context)
    {
        if (options.Value.SignUp == SignUpKind.Closed)
            return Closed(context);
        IFormCollection form = await context.ReadFormBodyAsync();
        string written = form["username"].ToString().Trim();
        string password = form["password"].ToString();
        if (!UserName.TryParse(written, accountsOptions.Value, out string? userName, out string? error))
            return Draw(context, written, error, StatusCodes.Status400BadRequest);
        if (password != form["password_again"].ToString())
            return Draw(context, written, "The two passwords differ.", StatusCodes.Status400BadRequest);
        if (PasswordPolicy.Problem(password, userName, options.Value) is { } problem)
            return Draw(context, written, problem, StatusCodes.Status400BadRequest);
        // Not forgiven when it succeeds: one address cannot make accounts without end. No user name holds a slash.
        if (throttle.Begin("sign-up/" + userName, context.Connection.RemoteIpAddress) is { } wait)
        {
            int seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Draw(context, written, $"Too many attempts. Try again in {seconds} seconds.", StatusCodes.Status429TooManyRequests);
        }
        bool waits = options.Value.SignUp == SignUpKind.Approval;
        string hash = await passwords.HashAsync(userName, password, context.RequestAborted);
        return await signUps.CreateAsync(userName, hash, waits ? options.Value.MaxSignUpsWaiting : null, context.RequestAborted) switch
        {
            true => await WelcomeAsync(context, userName, waits),
            false => Draw(context, written, "There is an account of this name already. Choose another name.", StatusCodes.Status409Conflict),
            null => Draw(context, written, "Too many people wait for an administrator. Try again later.", StatusCodes.Status503ServiceUnavailable),
        };
    }

    private async Task<IResult> WelcomeAsync(HttpContext context, string userName, bool waits)
    {
        await events.PublishAsync(new HubEvent.UserCreated(time.GetUtcNow(), userName));
        if (waits || await accounts.FindAsync(userName, context.RequestAborted) is not { } user)
        {
            PageFrame frame = context.GetPageFrame();
            return HubPages.Draw<MessagePage>(context, new MessageView(
                frame, "Your account waits", $"The account {userName} is made. Before you can sign in, an administrator must let you in.", [],
                ["Tell the person who runs this hub that you are waiting.", "Then sign in with the name and password you chose."], [new PageLink("Go to the sign-in page", frame.SignIn)]));
        }
        await cookies.BeginAsync(context, user);
        await events.PublishAsync(new HubEvent.SignedIn(time.GetUtcNow(), userName) { Address = context.GetAddress() });
        context.Response.Headers.Location = "/hub/home";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private IResult Draw(HttpContext context, string userName = "", string? error = null, int status = StatusCodes.Status200OK) => HubPages.Draw<SignUpPage>(
        context,
        new SignUpView(context.GetPageFrame(), Path, userName, options.Value.MinPasswordLength, options.Value.SignUp == SignUpKind.Approval, error),
        status);

    private static IResult Closed(HttpContext context)
    {
        PageFrame frame = context.GetPageFrame();
        var page = new MessageView(
            frame, "Accounts are made for you here", "This hub does not let people make accounts themselves.", [], ["Ask the person who runs this hub for an account."],
            [new PageLink("Go to the sign-in page", frame.SignIn)], StatusCodes.Status404NotFound);
        return HubPages.Draw<MessagePage>(context, page, StatusCodes.Status404NotFound);
    }
}
