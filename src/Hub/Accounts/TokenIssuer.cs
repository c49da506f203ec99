using System.Globalization;
using Hub.Events;
using Microsoft.Extensions.Options;

namespace Hub.Accounts;

/// <summary>Makes and revokes API tokens for the API and the tokens page alike, so that both keep the same rules.</summary>
public sealed class TokenIssuer(TokensStore tokens, Rights rights, CallerWatch watch, EventStream events, TimeProvider time, IOptions<AccountsOptions> options)
{
    /// <summary>
    /// Makes a token of <paramref name="owner"/>. It may do no more than the owner, and no more than <paramref name="asker"/>: a token that may only
    /// make tokens is no way to all other rights.
    /// </summary>
    /// <param name="seconds">How long it lives; null for as long as <c>Accounts:MaxTokenLifetimeSeconds</c> allows.</param>
    /// <param name="scopes">Null for all the owner may do, now and later.</param>
    public async Task<TokenIssue> CreateAsync(
        User owner, Caller asker, string note, long? seconds, IReadOnlyList<string>? scopes, CancellationToken cancellationToken)
    {
        scopes ??= [Scope.Inherit];
        if ((CheckNote(note) ?? CheckLifetime(seconds) ?? await CheckScopesAsync(owner, asker, scopes, cancellationToken)) is { } problem)
            return new TokenIssue(null, null, problem);
        long? lifetime = seconds ?? (options.Value.MaxTokenLifetimeSeconds > 0 ? options.Value.MaxTokenLifetimeSeconds : null);
        if (await tokens.CreateAsync(owner, note, scopes, lifetime is { } limited ? TimeSpan.FromSeconds(limited) : null, cancellationToken) is not var (secret, token))
            return new TokenIssue(null, null, $"{owner.Name} has {options.Value.MaxTokensPerUser} tokens already (Accounts:MaxTokensPerUser); revoke one first.");
        await events.PublishAsync(new HubEvent.TokenCreated(time.GetUtcNow(), owner.Name, token.Id, string.Join(' ', scopes)) { By = asker.UserName });
        return new TokenIssue(secret, token, null);
    }

    /// <summary>Ends a token and whatever is open by it; false when <paramref name="owner"/> has none of this id.</summary>
    public async Task<bool> RevokeAsync(User owner, Caller asker, string tokenId, CancellationToken cancellationToken)
    {
        IReadOnlyList<long> ended = ApiToken.NumberOf(tokenId) is { } number ? await tokens.RevokeAsync(owner.Id, number, cancellationToken) : [];
        foreach (long one in ended)
            await EndAsync(owner.Name, one, asker.UserName);
        return ended.Count > 0;
    }

    /// <summary>
    /// Makes a token by which <paramref name="service"/> acts for <paramref name="owner"/>, and says what it may do now; null when the owner has too many.
    /// It may never do more than the owner, whatever <paramref name="scopes"/> say.
    /// </summary>
    /// <param name="code">The code it was bought with.</param>
    public async Task<(string Secret, ScopeSet Scopes)?> CreateForServiceAsync(
        User owner, string service, IReadOnlyList<string> scopes, long seconds, string code, long signInNumber, CancellationToken cancellationToken)
    {
        var grant = new TokenGrant(service, Secret.Hash(code), signInNumber);
        if (await tokens.CreateAsync(owner, "OAuth: " + service, scopes, TimeSpan.FromSeconds(seconds), cancellationToken, grant) is not var (secret, token))
            return null;
        await events.PublishAsync(new HubEvent.TokenCreated(time.GetUtcNow(), owner.Name, token.Id, string.Join(' ', scopes)) { By = "service:" + service });
        return (secret, await rights.OfTokenAsync(owner, scopes, cancellationToken));
    }

    /// <summary>Ends what was bought with a code that turned up a second time.</summary>
    public async Task RevokeByCodeAsync(string code, CancellationToken cancellationToken)
    {
        foreach ((string user, long number) in await tokens.RevokeByCodeAsync(Secret.Hash(code), cancellationToken))
            await EndAsync(user, number, "");
    }

    private async Task EndAsync(string owner, long number, string by)
    {
        watch.EndToken(ApiToken.IdOf(number));
        await events.PublishAsync(new HubEvent.TokenRevoked(time.GetUtcNow(), owner, ApiToken.IdOf(number)) { By = by });
    }

    private string? CheckNote(string note)
    {
        if (note.Length > options.Value.MaxTokenNoteLength)
            return $"note is longer than {options.Value.MaxTokenNoteLength} characters (Accounts:MaxTokenNoteLength)";
        return note.Any(char.IsControl) ? "note must not hold control characters" : null;
    }

    private string? CheckLifetime(long? seconds)
    {
        int most = options.Value.MaxTokenLifetimeSeconds;
        if (seconds is <= 0 or > int.MaxValue)
            return string.Create(CultureInfo.InvariantCulture, $"expires_in must be between 1 and {int.MaxValue} seconds, or null");
        return most > 0 && seconds > most ? $"expires_in is more than {most} seconds (Accounts:MaxTokenLifetimeSeconds)" : null;
    }

    private async Task<string?> CheckScopesAsync(User owner, Caller asker, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        if (scopes.Count > options.Value.MaxTokenScopes)
            return $"More than {options.Value.MaxTokenScopes} scopes (Accounts:MaxTokenScopes)";
        var whose = new ScopeOwner(owner.Name);
        if (!ScopeSet.TryParse(scopes.Where(scope => scope != Scope.Inherit), whose, out ScopeSet? asked, out string? error))
            return error;
        ScopeSet ofOwner = await rights.OfUserAsync(owner, cancellationToken);
        if (!ofOwner.Covers(asked, await rights.MembershipsAsync(ofOwner, ScopeSet.UsersIn(scopes), cancellationToken)))
            return $"Not assigning requested scopes {string.Join(",", ofOwner.Missing(asked))} not held by {owner.Name}";
        ScopeSet effective = await rights.OfTokenAsync(owner, scopes, cancellationToken);
        return asker.Scopes.Covers(effective, await rights.MembershipsAsync(asker.Scopes, ScopeSet.UsersIn(effective.ToStrings()), cancellationToken))
            ? null
            : $"Not assigning requested scopes {string.Join(",", asker.Scopes.Missing(effective))} not held by the token this was asked with";
    }
}
