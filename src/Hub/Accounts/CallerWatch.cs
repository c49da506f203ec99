using System.Collections.Concurrent;

namespace Hub.Accounts;

/// <summary>Knows what is open for which caller, and ends it when the caller's token, sign-in or account ends: a socket must not outlive its right.</summary>
public sealed class CallerWatch
{
    private readonly ConcurrentDictionary<long, (Caller Caller, Action End)> _open = new();
    private long _last;

    /// <summary>Calls <paramref name="end"/>, once at most and from any thread, when <paramref name="caller"/> loses the right it came with; dispose the result when done.</summary>
    public IDisposable Watch(Caller caller, Action end)
    {
        long id = Interlocked.Increment(ref _last);
        _open[id] = (caller, end);
        return new Watched(this, id);
    }

    public void EndToken(string tokenId) => End(caller => caller.TokenId == tokenId);

    public void EndSignIn(string signInId) => End(caller => caller.SignInId == signInId || caller.GrantedBy == signInId);

    /// <summary>Ends all that people have open at pages, except by the sign-in <paramref name="exceptSignInId"/>.</summary>
    public void EndSignIns(long userId, string? exceptSignInId = null) =>
        End(caller => caller.UserId == userId && (caller.SignInId ?? caller.GrantedBy) is { } signIn && signIn != exceptSignInId);

    public void EndUser(long userId) => End(caller => caller.UserId == userId);

    /// <summary>Ends what is open for callers who come by such scopes.</summary>
    public void EndHolders(Func<ScopeSet, bool> lost) => End(caller => lost(caller.Scopes));

    private void End(Func<Caller, bool> lost)
    {
        foreach ((long id, (Caller caller, _)) in _open)
        {
            if (lost(caller) && _open.TryRemove(id, out (Caller, Action End) open))
                open.End();
        }
    }

    private sealed class Watched(CallerWatch watch, long id) : IDisposable
    {
        public void Dispose() => watch._open.TryRemove(id, out _);
    }
}
