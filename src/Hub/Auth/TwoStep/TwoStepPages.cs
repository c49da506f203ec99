using System.Globalization;
using System.Text;
using Hub.Accounts;
using Hub.Http;
using Hub.Http.Qr;
using Web.Pages;

namespace Hub.Auth.TwoStep;

/// <summary>The page "Two-step sign-in" of whoever is signed in, and the second page of signing in.</summary>
internal sealed class TwoStepPages(
    TwoStepSignIn twoStep, TwoStepSeals seals, Passwords passwords, AccountsStore accounts, SignInThrottle throttle, TimeProvider time)
{
    public const string NotTheCode = "This is not the code of the app just now. Try the next one; if it is refused, too, look whether the phone's clock is right.";

    private const string Path = "/hub/two-step";
    private const string Why = "Whoever is at the second step of signing in is not signed in yet";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/hub/login/code", (SecondStepHandler step, HttpContext context) => step.CheckAsync(context)).Public(Why);
        routes.MapPost("/hub/login/set-up", (SecondStepHandler step, HttpContext context) => step.SetUpAsync(context)).Public(Why);
        // A page that is loaded anew has lost what was posted to it.
        routes.MapGet("/hub/login/code", () => Results.Redirect("/hub/login")).Public("Leads to the sign-in page");
        routes.MapGet("/hub/login/set-up", () => Results.Redirect("/hub/login")).Public("Leads to the sign-in page");
        routes.MapGet(Path, (TwoStepPages pages, HttpContext context) => pages.ShowAsync(context)).RequireScope(Scope.ReadUsersName, ScopeFilter.Any);
        routes.MapPost(Path, (TwoStepPages pages, HttpContext context) => pages.TurnOnAsync(context)).RequireScope(Scope.ReadUsersName, ScopeFilter.Any);
        routes.MapPost(Path + "/off", (TwoStepPages pages, HttpContext context) => pages.TurnOffAsync(context)).RequireScope(Scope.ReadUsersName, ScopeFilter.Any);
        routes.MapPost(Path + "/codes", (TwoStepPages pages, HttpContext context) => pages.RenewCodesAsync(context)).RequireScope(Scope.ReadUsersName, ScopeFilter.Any);
    }

    /// <summary>The form by which an app learns a secret.</summary>
    public static TwoStepSetUpView SetUpView(PageFrame frame, string action, User user, byte[] secret, TwoStepSeals seals, string? error)
    {
        string? picture = QrCodeCodec.Encode(TotpCodec.Address(frame.HubName, user.Name, secret)) is { } modules
            ? "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(QrSvgCodec.Encode(modules)))
            : null;
        string text = string.Join(' ', Base32Codec.Encode(secret).Chunk(4).Select(part => new string(part)));
        return new TwoStepSetUpView(frame, action, seals.Offer(user.Id, secret), text, picture, error);
    }

    private async Task<IResult> ShowAsync(HttpContext context)
    {
        (User? user, IResult? refusal) = await WhoAsync(context);
        return refusal ?? await DrawAsync(context, user!);
    }

    private async Task<IResult> TurnOnAsync(HttpContext context)
    {
        (User? user, IResult? refusal) = await WhoAsync(context);
        if (refusal is not null)
            return refusal;
        IFormCollection form = await context.ReadFormBodyAsync();
        if (await twoStep.FindAsync(user!, context.RequestAborted) is not null)
            return await DrawAsync(context, user!, "It is on already.", StatusCodes.Status409Conflict);
        if (seals.OpenOffer(user!.Id, form["offer"].ToString()) is not { } secret)
            return await DrawAsync(context, user, "That took too long: scan the new picture.", StatusCodes.Status400BadRequest);
        if (await twoStep.TurnOnAsync(user, secret, form["code"].ToString(), context.RequestAborted) is not { } codes)
            return HubPages.Draw<TwoStepSetUpPage>(context, SetUpView(context.GetPageFrame(), Path, user, secret, seals, NotTheCode), StatusCodes.Status400BadRequest);
        return HubPages.Draw<RecoveryCodesPage>(context, new RecoveryCodesView(context.GetPageFrame(), codes, Path));
    }

    private async Task<IResult> TurnOffAsync(HttpContext context)
    {
        (User? user, IResult? refusal) = await WithPasswordAsync(context);
        if (refusal is not null)
            return refusal;
        if (twoStep.IsRequired(user!))
            return await DrawAsync(context, user!, "This hub wants it of you, so it cannot be turned off (Auth:Totp).", StatusCodes.Status403Forbidden);
        await twoStep.TurnOffAsync(user!, user!.Name, context.RequestAborted);
        context.Response.Headers.Location = "/hub/password?two-step-off";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private async Task<IResult> RenewCodesAsync(HttpContext context)
    {
        (User? user, IResult? refusal) = await WithPasswordAsync(context);
        if (refusal is not null)
            return refusal;
        return await twoStep.RenewCodesAsync(user!, context.RequestAborted) is { } codes
            ? HubPages.Draw<RecoveryCodesPage>(context, new RecoveryCodesView(context.GetPageFrame(), codes, Path))
            : await DrawAsync(context, user!);
    }

    /// <summary>Whoever sits down at somebody's open page must not take the second factor away without the first.</summary>
    private async Task<(User?, IResult?)> WithPasswordAsync(HttpContext context)
    {
        (User? user, IResult? refusal) = await WhoAsync(context);
        if (refusal is not null)
            return (null, refusal);
        IFormCollection form = await context.ReadFormBodyAsync();
        if (throttle.Begin(user!.Name, context.Connection.RemoteIpAddress) is { } wait)
        {
            int seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return (null, await DrawAsync(context, user, $"Too many failed attempts. Try again in {seconds} seconds.", StatusCodes.Status429TooManyRequests));
        }
        if (await passwords.CheckAsync(user.Name, form["current_password"].ToString(), context.RequestAborted) is not { User: not null })
            return (null, await DrawAsync(context, user, "The password is not right.", StatusCodes.Status403Forbidden));
        throttle.Forgive(user.Name, context.Connection.RemoteIpAddress);
        return (user, null);
    }

    private async Task<(User?, IResult?)> WhoAsync(HttpContext context)
    {
        Caller caller = context.GetCaller();
        if (caller.ByToken)
            return (null, ApiError.Hub(StatusCodes.Status403Forbidden, "Two-step sign-in is set at the page, not by a token."));
        User? user = await accounts.FindAsync(caller.UserName, context.RequestAborted);
        return twoStep.IsOffered && user is { HasPassword: true, Guest: false } ? (user, null) : (null, NotOffered(context));
    }

    private async Task<IResult> DrawAsync(HttpContext context, User user, string? error = null, int status = StatusCodes.Status200OK)
    {
        PageFrame frame = context.GetPageFrame();
        if (await twoStep.FindAsync(user, context.RequestAborted) is not { } factor)
            return HubPages.Draw<TwoStepSetUpPage>(context, SetUpView(frame, Path, user, TwoStepSignIn.NewSecret(), seals, error), status);
        var view = new TwoStepView(frame, Path, user.Name, factor.Created, time.GetUtcNow(), factor.CodesLeft, twoStep.IsRequired(user), error);
        return HubPages.Draw<TwoStepPage>(context, view, status);
    }

    private static IResult NotOffered(HttpContext context)
    {
        PageFrame frame = context.GetPageFrame();
        var page = new MessageView(
            frame, "There is no two-step sign-in here", "It is for accounts with a password, on hubs whose operator offers it.", [],
            ["If you sign in with a provider, turn it on there."], [new PageLink("Go home", frame.Home)], StatusCodes.Status404NotFound);
        return HubPages.Draw<MessagePage>(context, page, StatusCodes.Status404NotFound);
    }
}
