using Hub.Accounts;
using Hub.Events;
using Microsoft.Extensions.Options;

namespace Hub.Sharing;

/// <summary>Gives and takes shares for the API and the pages alike, so that both keep the same rules, tell the audit, and end what is open by a share that ended.</summary>
internal sealed class Shares(
    SharesStore store, ShareCodesStore codes, ShareGrants grants, Rights rights, CallerWatch watch, EventStream events, TimeProvider time, IOptions<SharingOptions> options)
{
    /// <summary>Why <paramref name="by"/> may not share this; null when they may. Nobody gives more than they have, nor more than the owner has.</summary>
    public async Task<string?> RefusalAsync(User owner, string server, IReadOnlyList<string> names, Caller by, CancellationToken cancellationToken)
    {
        ScopeSet asked = ScopeSet.Of(ShareScopesPolicy.Filtered(names, owner.Name, server), new ScopeOwner(owner.Name));
        if (!by.Scopes.Covers(asked, await rights.MembershipsAsync(by.Scopes, [owner.Name], cancellationToken)))
            return $"Do not have permission to grant share with scopes {string.Join(", ", names)}";
        ScopeSet ofOwner = await rights.OfUserAsync(owner, cancellationToken);
        // What users may do with shares is the operator's say; all else, an owner must be able to do themselves.
        string[] beyond = [.. names.Where(name => name is not (Scope.Shares or Scope.ReadShares) && !ofOwner.AllowsServer(name, owner.Name, server))];
        return beyond.Length == 0 ? null : $"{owner.Name} does not hold {string.Join(", ", beyond)}";
    }

    /// <summary>Null when the server is shared with as many as it may be already.</summary>
    public async Task<Share?> GrantAsync(User owner, string server, ShareTarget with, IReadOnlyList<string> names, string by, CancellationToken cancellationToken)
    {
        grants.Expect(with);
        if (await store.GrantAsync(owner.Id, server, with, names, options.Value.MaxSharesPerServer, cancellationToken) is not { } share)
            return null;
        await events.PublishAsync(new HubEvent.ServerShared(time.GetUtcNow(), owner.Name, server, Said(with), string.Join(' ', share.ScopeNames)) { By = by });
        return share;
    }

    /// <summary>Takes scopes away, or all when <paramref name="names"/> is null; returns what is left, null when nothing is.</summary>
    public async Task<Share?> RevokeAsync(Share share, IReadOnlyList<string>? names, string by, CancellationToken cancellationToken)
    {
        Share? left = await store.RevokeAsync(share, names, cancellationToken);
        await EndAsync(share, left, by);
        return left;
    }

    public async Task RevokeAllAsync(User owner, string server, string by, CancellationToken cancellationToken)
    {
        foreach (Share ended in await store.RevokeAllAsync(owner.Id, server, cancellationToken))
            await EndAsync(ended, null, by);
    }

    /// <summary>Null when there are as many codes as there may be already.</summary>
    public async Task<(string Code, ShareCode Kept)?> CreateCodeAsync(
        User owner, string server, IReadOnlyList<string> names, TimeSpan lifetime, string by, CancellationToken cancellationToken)
    {
        (string Code, ShareCode Kept)? made = await codes.CreateAsync(owner, server, names, lifetime, options.Value.MaxCodesPerServer, cancellationToken);
        if (made is var (_, kept))
            await events.PublishAsync(new HubEvent.ShareCodeCreated(time.GetUtcNow(), owner.Name, server, kept.Id, string.Join(' ', names)) { By = by });
        return made;
    }

    /// <summary>Ends codes, see <see cref="ShareCodesStore.RevokeAsync"/>; false when there was none.</summary>
    public async Task<bool> RevokeCodesAsync(User owner, string server, long? number, string? code, string by, CancellationToken cancellationToken)
    {
        IReadOnlyList<long> ended = await codes.RevokeAsync(owner.Id, server, number, code, cancellationToken);
        foreach (long one in ended)
            await events.PublishAsync(new HubEvent.ShareCodeRevoked(time.GetUtcNow(), owner.Name, server, ShareCode.IdOf(one)) { By = by });
        return ended.Count > 0;
    }

    /// <summary>Gives <paramref name="by"/> what a code is for; null when it is good no more, or the server is shared with as many as it may be.</summary>
    public async Task<Share?> AcceptAsync(ShareCode code, User owner, Caller by, CancellationToken cancellationToken) =>
        await codes.NoteExchangeAsync(code.Number, cancellationToken)
            ? await GrantAsync(owner, code.Server, new ShareTarget(false, by.UserId, by.UserName), code.ScopeNames, by.UserName, cancellationToken)
            : null;

    /// <summary>From here on the share is gone, so that what is open by it ends even when the asker leaves. Other pages of the same people come back by themselves.</summary>
    private async Task EndAsync(Share share, Share? left, string by)
    {
        foreach (long person in await store.PeopleOfAsync(share.With, CancellationToken.None))
            watch.EndUser(person);
        await events.PublishAsync(new HubEvent.ShareRevoked(
            time.GetUtcNow(), share.OwnerName, share.Server, Said(share.With), string.Join(' ', share.ScopeNames.Except(left?.ScopeNames ?? [])))
        { By = by });
    }

    private static string Said(ShareTarget with) => (with.IsGroup ? "group:" : "user:") + with.Name;
}
