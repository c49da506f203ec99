using Hub.Accounts;
using Hub.Events;
using Microsoft.Extensions.Options;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Asks providers again about sign-ins that are in use, by the refresh token kept with them: who was locked out there, or lost the group that lets them in,
/// is signed out here. A provider that is away signs nobody out.
/// </summary>
internal sealed partial class SignInRecheck(
    OpenIdProviders providers,
    OpenIdSignInsStore signIns,
    IdentitiesStore identities,
    SignInsStore ends,
    SavedTokens tokens,
    IEnumerable<IGroupMembership> memberships,
    CallerWatch watch,
    EventStream events,
    TimeProvider time,
    IOptions<AuthOptions> options,
    IOptions<AccountsOptions> accounts,
    ILogger<SignInRecheck> logger) : BackgroundService
{
    /// <summary>Sign-ins asked about in one round of one provider; the others are in the next.</summary>
    private const int MostAtOnce = 200;

    /// <summary>How long a provider that is away is let be.</summary>
    private static readonly TimeSpan PutOff = TimeSpan.FromMinutes(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<OpenIdProvider> asked = [.. providers.All.Where(provider => provider.Options.SaveTokens && provider.Options.RecheckInterval > TimeSpan.Zero)];
        if (asked.Count == 0)
            return;
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.RecheckSeconds), time);
        try
        {
            while (await clock.WaitForNextTickAsync(stoppingToken))
            {
                foreach (OpenIdProvider provider in asked)
                    await CheckAsync(provider, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The hub stops.
        }
    }

    private async Task CheckAsync(OpenIdProvider provider, CancellationToken cancellationToken)
    {
        TimeSpan age = provider.Options.RecheckInterval;
        try
        {
            foreach (DueSignIn due in await signIns.FindDueAsync(provider.Name, age, MostAtOnce, cancellationToken))
            {
                // A provider that is away would keep the others waiting for one time-out after the other.
                if (await signIns.TakeAsync(due, cancellationToken) && !await CheckAsync(provider, due, age, cancellationToken))
                    break;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // A loop that ends would leave people in who were locked out, for as long as the hub runs.
            LogFailed(failure, provider.Name);
        }
    }

    /// <summary>False when the provider is away.</summary>
    private async Task<bool> CheckAsync(OpenIdProvider provider, DueSignIn due, TimeSpan age, CancellationToken cancellationToken)
    {
        if (tokens.Open(due.Tokens) is not { IdToken: var idToken, RefreshToken: { } refreshToken })
            return true;
        try
        {
            TokenSet? news = await providers.Find(provider.Name)!.RefreshAsync(refreshToken, due.Subject, cancellationToken);
            if (news is null)
            {
                await EndAsync(provider, due, "it no longer vouches for the person", cancellationToken);
                return true;
            }
            await signIns.KeepAsync(due, tokens.Seal(news.IdToken ?? idToken, news.RefreshToken), cancellationToken);
            if (news.Claims is not null)
                await NoteAsync(provider, due, PersonPolicy.Read(news.Claims, provider.Options, accounts.Value), cancellationToken);
            return true;
        }
        catch (OpenIdException away)
        {
            LogAway(provider.Name, due.UserName, away.Message);
            await signIns.PutOffAsync(due, time.GetUtcNow() + (age < PutOff ? age : PutOff), age, cancellationToken);
            return away.Refusal != OpenIdRefusal.ProviderAway;
        }
    }

    private async Task NoteAsync(OpenIdProvider provider, DueSignIn due, OpenIdPerson person, CancellationToken cancellationToken)
    {
        if (person.Admission == Admission.Denied)
        {
            await EndAsync(provider, due, "the rules of Allow and Deny keep the person out now", cancellationToken);
            return;
        }
        Arrival arrival = await identities.ArriveAsync(provider.Name, person, mayBeNew: false, cancellationToken);
        if (arrival.User is null)
        {
            await EndAsync(provider, due, "the account is disabled, or no longer connected", cancellationToken);
            return;
        }
        if (arrival.AdminChanged)
            watch.EndUser(arrival.User.Id);
        foreach (IGroupMembership membership in memberships)
            await membership.SetFromAsync(provider.Name, arrival.User.Id, person.Groups, cancellationToken);
    }

    private async Task EndAsync(OpenIdProvider provider, DueSignIn due, string why, CancellationToken cancellationToken)
    {
        await ends.EndAsync(due.Number, cancellationToken);
        watch.EndSignIn($"s{due.Number}");
        await events.PublishAsync(new HubEvent.SignedOut(time.GetUtcNow(), due.UserName));
        LogEnded(due.UserName, provider.Name, why);
    }

    [LoggerMessage(713, LogLevel.Information, "A sign-in of {User} with {Provider} ended: {Why}")]
    private partial void LogEnded(string user, string provider, string why);

    [LoggerMessage(714, LogLevel.Warning, "{Provider} could not be asked again about {User}, who stays signed in: {Why}")]
    private partial void LogAway(string provider, string user, string why);

    [LoggerMessage(715, LogLevel.Error, "Sign-ins with {Provider} could not be looked through; it is tried again")]
    private partial void LogFailed(Exception failure, string provider);
}
