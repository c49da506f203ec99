using System.Globalization;
using Hub.Accounts;
using Hub.Auth;
using Hub.Classes.Materials;
using Hub.Events;
using Hub.Http;
using Hub.Servers;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Classes;

/// <summary>
/// Joining a class by its code: one field, one click. Who has no account gets a temporary one; who is signed in joins as who they are. Then straight into
/// JupyterLab, in the class' folder.
/// </summary>
internal sealed class JoinPages(
    JoinStore store, ClassesStore classes, JoinThrottle throttle, HandOuts handOuts, ClassMaterials materials, CookieHandler cookies, ServerRegistry servers, EventStream events, TimeProvider time,
    IOptions<ClassesOptions> options, IOptions<AccountsOptions> accounts)
{
    private const string Path = "/hub/join";
    private const string Why = "Whoever joins a class may have no account yet; the code is the right to come in";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext context) => Draw(context, context.Request.Query["code"].ToString())).Public(Why);
        routes.MapGet(Path + "/{code}", (HttpContext context, string code) => Draw(context, code)).Public(Why);
        routes.MapPost(Path, (JoinPages pages, HttpContext context) => pages.JoinAsync(context)).Public(Why);
    }

    /// <summary>The link that is shared; nobody is told here whether the code is good.</summary>
    public static string PathOf(string code) => $"{Path}/{code}";

    private static IResult Draw(HttpContext context, string code, string name = "", string? error = null, int status = StatusCodes.Status200OK)
    {
        string shown = JoinCode.TryParse(code, out string? known) ? known : code[..Math.Min(code.Length, 40)];
        string signIn = "/hub/login?next=" + Uri.EscapeDataString(known is null ? Path : PathOf(known));
        return HubPages.Draw<JoinPage>(context, new JoinView(context.GetPageFrame(), Path, signIn, shown, name, error), status);
    }

    /// <summary>1. too many wrong codes? 2. a name, from who has no account; 3. join, in one transaction; 4. cookie, server, materials; 5. into the folder.</summary>
    private async Task<IResult> JoinAsync(HttpContext context)
    {
        IFormCollection form = await context.ReadFormBodyAsync();
        string written = form["code"].ToString();
        string name = form["name"].ToString().Trim();
        Caller? caller = context.FindCaller();
        if (caller is { ByToken: true })
            return ApiError.Hub(StatusCodes.Status403Forbidden, "This page is for people; with a token use /hub/api/classes.");
        if (throttle.Wait(context.Connection.RemoteIpAddress) is { } wait)
        {
            int seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Draw(context, written, name, $"Too many wrong codes came from your network. Try again in {seconds} seconds.", StatusCodes.Status429TooManyRequests);
        }
        if (!JoinCode.TryParse(written, out string? code) || !await store.IsKnownAsync(code, context.RequestAborted))
            return Refuse(context, written, name, JoinRefusal.NoSuchCode);
        if (caller is null && DisplayName.Problem(name, accounts.Value) is { } problem)
            return Draw(context, code, name[..Math.Min(name.Length, accounts.Value.MaxDisplayNameLength)], problem, StatusCodes.Status400BadRequest);

        JoinOutcome outcome = caller is null
            ? await store.JoinAsGuestAsync(code, name, context.RequestAborted)
            : await store.JoinAsync(code, caller, context.RequestAborted);
        if (outcome.Refusal != JoinRefusal.None)
            return Refuse(context, code, name, outcome.Refusal);
        return await EnterAsync(context, outcome, outcome.Guest?.User.Name ?? caller!.UserName);
    }

    private async Task<IResult> EnterAsync(HttpContext context, JoinOutcome outcome, string userName)
    {
        long classId = outcome.Joined!.Id;
        DateTimeOffset now = time.GetUtcNow();
        if (outcome.Guest is { } guest)
        {
            await cookies.BeginAsync(context, guest.User, guest.Secret, guest.SignIn);
            await events.PublishAsync(new HubEvent.UserCreated(now, userName));
            await events.PublishAsync(new HubEvent.SignedIn(now, userName) { Address = context.GetAddress() });
        }
        // From here on they are in: a browser that goes away meanwhile changes nothing.
        if (outcome.NewMember)
        {
            await events.PublishAsync(new HubEvent.ClassJoined(now, userName, classId, outcome.Guest is not null));
            await WaitAsync(handOuts.Offer(classId, userName), context.RequestAborted);
        }
        await servers.TryStartAsync(userName, CancellationToken.None);
        // A notebook that is opened starts its kernel, so that whoever joins can begin.
        string opened = await classes.FindMemberAsync(classId, userName, CancellationToken.None) is { Folder.Length: > 0 } member
            ? await materials.FindNotebookAsync(member, CancellationToken.None) ?? member.Folder
            : "";
        context.Response.Headers.Location = UserUrl.Of(userName, opened.Length > 0 ? "lab/tree/" + opened : "lab");
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private async Task WaitAsync(Task handedOut, CancellationToken cancellationToken)
    {
        try
        {
            await handedOut.WaitAsync(TimeSpan.FromSeconds(options.Value.MaterialsWaitSeconds), time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // They arrive while their owner works.
        }
    }

    private IResult Refuse(HttpContext context, string code, string name, JoinRefusal refusal)
    {
        if (refusal == JoinRefusal.NoSuchCode)
            throttle.CountWrong(context.Connection.RemoteIpAddress);
        int status = refusal switch
        {
            JoinRefusal.NoSuchCode => StatusCodes.Status404NotFound,
            JoinRefusal.Expired or JoinRefusal.UsedUp or JoinRefusal.Over => StatusCodes.Status410Gone,
            JoinRefusal.Full => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status403Forbidden,
        };
        return Draw(context, code, name[..Math.Min(name.Length, accounts.Value.MaxDisplayNameLength)], JoinPolicy.Say(refusal), status);
    }
}
