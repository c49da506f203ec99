using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Events;
using Hub.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// What becomes of somebody who comes back from a provider: a sign-in, a connected account, or a page that says why not. Knows the framework's ticket
/// and nothing of how it was made.
/// </summary>
internal sealed partial class ArrivalHandler(
    OpenIdProviders providers,
    IdentitiesStore identities,
    CookieHandler cookies,
    SavedTokens tokens,
    IEnumerable<IGroupMembership> memberships,
    CallerWatch watch,
    EventStream events,
    TimeProvider time,
    IOptions<AccountsOptions> accounts,
    ILogger<ArrivalHandler> logger)
{
    /// <summary>Under this key the properties of a challenge name the sign-in that wants its account connected.</summary>
    public const string Connects = "hub.connects";

    private const string PasswordPath = "/hub/password";

    /// <summary>The provider vouches for somebody.</summary>
    public async Task ArriveAsync(TicketReceivedContext context)
    {
        OpenIdProvider provider = providers.Find(context.Scheme.Name)!.Provider;
        JsonObject claims = ClaimsCodec.ToJson(context.Principal!);
        OpenIdPerson person = PersonPolicy.Read(claims, provider.Options, accounts.Value);
        context.HandleResponse();
        if (person.Admission == Admission.Denied)
            await RefuseAsync(context.HttpContext, provider, new OpenIdException(OpenIdRefusal.NotAllowed, "the rules of Allow and Deny keep the person out"));
        else if (context.Properties!.Items.TryGetValue(Connects, out string? signInId))
            await ConnectAsync(context.HttpContext, provider, person, signInId);
        else
            await SignInAsync(context, provider, person);
    }

    /// <summary>Nobody is vouched for.</summary>
    public async Task RefuseAsync(RemoteFailureContext context)
    {
        if (context.Failure is not OpenIdException refused)
        {
            // The database away, the browser gone: others know what to answer.
            ExceptionDispatchInfo.Throw(context.Failure!);
            return;
        }
        context.HandleResponse();
        await RefuseAsync(context.HttpContext, providers.Find(context.Scheme.Name)!.Provider, refused);
    }

    /// <summary>Draws the page that says why, and says it to the log, too.</summary>
    public async Task RefuseAsync(HttpContext context, OpenIdProvider provider, OpenIdException refused)
    {
        if (refused.Refusal is OpenIdRefusal.ProviderAway or OpenIdRefusal.ProviderWrong or OpenIdRefusal.NotBelieved)
            LogWarning(provider.Name, refused.Refusal, refused.Message, context.TraceIdentifier);
        else
            LogRefused(provider.Name, refused.Refusal, refused.Message, context.TraceIdentifier);
        await events.PublishAsync(new HubEvent.SignInFailed(time.GetUtcNow(), "") { Address = context.GetAddress() });
        MessageView page = RefusalPages.Of(context.GetPageFrame(), refused.Refusal, provider, context.TraceIdentifier);
        await HubPages.Draw<MessagePage>(context, page, page.Status).ExecuteAsync(context);
    }

    private async Task SignInAsync(TicketReceivedContext context, OpenIdProvider provider, OpenIdPerson person)
    {
        HttpContext http = context.HttpContext;
        bool mayBeNew = provider.Options.CreateUsers && person.Admission == Admission.Allowed;
        Arrival arrival = await identities.ArriveAsync(provider.Name, person, mayBeNew, http.RequestAborted);
        if (arrival.User is not { } user)
        {
            await RefuseAsync(http, provider, new OpenIdException(arrival.Refusal!.Value, Why(arrival.Refusal.Value, person)));
            return;
        }
        await NoteAsync(provider.Name, person, arrival, http.RequestAborted);
        string? idToken = context.Properties!.GetTokenValue("id_token");
        string? refreshToken = context.Properties!.GetTokenValue("refresh_token");
        await cookies.BeginAsync(
            http, user, new SignInOrigin(provider.Name, person.Issuer, person.Subject, person.SessionId, tokens.Seal(idToken, refreshToken), refreshToken is not null));
        await events.PublishAsync(new HubEvent.SignedIn(time.GetUtcNow(), user.Name) { Address = http.GetAddress() });
        SeeOther(http, LocalUrl.Of(context.ReturnUri, "/hub/home"));
    }

    private async Task NoteAsync(string provider, OpenIdPerson person, Arrival arrival, CancellationToken cancellationToken)
    {
        User user = arrival.User!;
        if (arrival.IsNew)
        {
            LogNew(user.Name, provider);
            await events.PublishAsync(new HubEvent.UserCreated(time.GetUtcNow(), user.Name));
        }
        if (arrival.AdminChanged)
        {
            LogAdmin(provider, user.Admin ? "made" : "no longer makes", user.Name);
            watch.EndUser(user.Id); // what is open was opened by the old rights
        }
        foreach (IGroupMembership membership in memberships)
            await membership.SetFromAsync(provider, user.Id, person.Groups, cancellationToken);
    }

    private async Task ConnectAsync(HttpContext context, OpenIdProvider provider, OpenIdPerson person, string? signInId)
    {
        if (context.FindCaller() is not { SignInId: { } now } caller || now != signInId)
        {
            await RefuseAsync(context, provider, new OpenIdException(OpenIdRefusal.SignInChanged, "whoever wanted to connect an account is not signed in as they were"));
            return;
        }
        if (!await identities.ConnectAsync(provider.Name, person, caller.UserId, context.RequestAborted))
        {
            await RefuseAsync(context, provider, new OpenIdException(OpenIdRefusal.OtherAccount, $"{caller.UserName} wants to connect somebody who is another user here"));
            return;
        }
        LogConnected(caller.UserName, provider.Name);
        SeeOther(context, PasswordPath);
    }

    private static string Why(OpenIdRefusal refusal, OpenIdPerson person) => refusal switch
    {
        OpenIdRefusal.NameTaken => $"there is an account {person.UserName} already, which was not connected",
        OpenIdRefusal.NoName => "no claim gives a user name (TokenValidationParameters:NameClaimType)",
        OpenIdRefusal.NotKnown => "the person has no account, and nobody new is let in (Allow, CreateUsers)",
        _ => "the account is disabled",
    };

    private static void SeeOther(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
        context.Response.Headers.CacheControl = "no-store";
    }

    [LoggerMessage(702, LogLevel.Warning, "Signing in with {Provider} came to nothing ({Refusal}): {Why}; reference {Reference}")]
    private partial void LogWarning(string provider, OpenIdRefusal refusal, string why, string reference);

    [LoggerMessage(703, LogLevel.Information, "Signing in with {Provider} was refused ({Refusal}): {Why}; reference {Reference}")]
    private partial void LogRefused(string provider, OpenIdRefusal refusal, string why, string reference);

    [LoggerMessage(704, LogLevel.Information, "The user {User} is new, by {Provider}")]
    private partial void LogNew(string user, string provider);

    [LoggerMessage(705, LogLevel.Information, "{User} can sign in with {Provider} from now on")]
    private partial void LogConnected(string user, string provider);

    [LoggerMessage(706, LogLevel.Information, "{Provider} {Makes} {User} an administrator")]
    private partial void LogAdmin(string provider, string makes, string user);
}
